import { multiLevelForeground } from '../../lib/matting';
import reference from '../reference/matting.json';
import { referencePicture } from './reference-picture';

describe('multiLevelForeground', () => {
  it('agrees with pymatting', () => {
    const { image, alpha } = referencePicture();
    const { data } = multiLevelForeground(image, alpha);
    let most = 0;
    for (const [x, y, ...colour] of reference.foreground) {
      colour.forEach((value, c) => {
        most = Math.max(most, Math.abs(data[(y * image.width + x) * 3 + c] - value));
      });
    }
    expect(reference.foreground.length).toBeGreaterThan(100);
    expect(most).toBeLessThan(1);
  });
});
