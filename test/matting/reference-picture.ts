import { compose } from './compose';
import reference from '../reference/matting.json';

/** The picture of test/reference/matting.py. */
export function referencePicture() {
  return compose(
    reference.width,
    reference.height,
    (x, y) => [x < 30 ? 210 : 60, 40 + 3 * (y % 16), 70 + x],
    (x, y) => [110 + 2 * x, 190 - 2 * y, (x + y) % 24 < 12 ? 150 : 190],
    (x, y) => (14 - Math.hypot(x - 28, y - 23)) / 7 + 0.5,
  );
}
