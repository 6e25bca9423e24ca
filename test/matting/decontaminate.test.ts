import { decontaminate } from '../../lib/matting/decontaminate';
import { compose } from './compose';
import reference from '../reference/blur_fusion.json';

/** The picture of test/reference/blur_fusion.py. */
function referencePicture() {
  return compose(
    reference.width,
    reference.height,
    (x, y) => [x < 80 ? 200 : 40, 60 + (y % 32), 90],
    (x, y) => [150 + Math.floor(x / 4), 160 + Math.floor(y / 4), 140 + Math.floor(x / 8)],
    (x, y) => (44 - Math.hypot(x - 80, y - 60)) / 8 + 0.5,
  );
}

describe('decontaminate', () => {
  it('agrees with its formulas written straight in numpy', () => {
    const { image, alpha } = referencePicture();
    const { data } = decontaminate(image, alpha);
    let sum = 0;
    let most = 0;
    for (const [x, y, ...colour] of reference.samples) {
      colour.forEach((value, c) => {
        const off = Math.abs(data[(y * image.width + x) * 3 + c] - value);
        sum += off;
        most = Math.max(most, off);
      });
    }
    expect(reference.samples.length).toBeGreaterThan(100);
    expect(sum / (reference.samples.length * 3)).toBeLessThan(0.3);
    // Half a level is rounding.
    expect(most).toBeLessThan(0.6);
  });
});
