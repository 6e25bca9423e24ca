import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import { clahe } from './clahe';
import { cube, fromLinear, LINEAR, RGB_TO_XYZ, ROOTS, STEPS, XYZ_TO_RGB } from './color';
import { boundingBox } from './masks';

const CLIP = 2;
/** L of Lab as a byte (L * 2.55, as OpenCV keeps it) over linear luminance. */
const LIGHTNESS = Uint8Array.from(ROOTS, (root) => Math.min(255, Math.round((116 * root - 16) * 2.55)));

/** f(t) in fewer steps than `ROOTS`, to stay in the processor's first cache; what it rounds, `cube` rounds back. */
const COARSE = 8191;
const COARSE_ROOTS = Float32Array.from(
  { length: COARSE + 2 },
  (_, step) => ROOTS[Math.round((step / COARSE) * STEPS)],
);

const SHADES = 8191;
/** sRGB byte over linear light. */
const ENCODED = Uint8Array.from({ length: SHADES + 1 }, (_, step) =>
  Math.round(255 * fromLinear(step / SHADES)),
);

/**
 * Raises local contrast: CLAHE (8 x 8 tiles, clip limit 2) on L of Lab; hue and chroma stay.
 * @param alpha where given, only the product is changed, in the measure of its alpha, and only it is measured
 * @param data what is written to: the picture's own pixels, or (default) a copy of them
 */
export function enhance(image: RgbImage, alpha?: Alpha, data: Uint8Array = image.data.slice()): RgbImage {
  const { width, height } = image;
  const whole: BoundingBox = [0, 0, width, height];
  const box = alpha ? boundingBox(alpha, 0) : whole;
  if (box) {
    const before = lightness(image, box, alpha?.data);
    const after = clahe(before, width, height, CLIP, alpha && { alpha: alpha.data, box });
    relight(image, box, before, after, data, alpha?.data);
  }
  return { data, width, height };
}

const [[RX, GX, BX], [RY, GY, BY], [RZ, GZ, BZ]] = RGB_TO_XYZ;
const [[XR, YR, ZR], [XG, YG, ZG], [XB, YB, ZB]] = XYZ_TO_RGB;

function lightness({ data, width }: RgbImage, box: BoundingBox, alpha?: Uint8Array): Uint8Array {
  const [linear, table] = [LINEAR, LIGHTNESS];
  const [left, top, across, down] = box;
  const plane = new Uint8Array(data.length / 3);
  for (let row = top; row < top + down; row++) {
    const start = row * width + left;
    for (let pixel = start, at = start * 3; pixel < start + across; pixel++, at += 3) {
      if (alpha && alpha[pixel] === 0) continue;
      const y = RY * linear[data[at]] + GY * linear[data[at + 1]] + BY * linear[data[at + 2]];
      plane[pixel] = table[(y * STEPS + 0.5) | 0];
    }
  }
  return plane;
}

/** Moves L of every pixel by the difference of the two planes, keeping a and b. */
function relight(
  { data, width }: RgbImage,
  box: BoundingBox,
  before: Uint8Array,
  after: Uint8Array,
  out: Uint8Array,
  alpha?: Uint8Array,
): void {
  const [linear, roots, encoded] = [LINEAR, COARSE_ROOTS, ENCODED];
  const [left, top, across, down] = box;
  for (let row = top; row < top + down; row++) {
    const start = row * width + left;
    for (let pixel = start, at = start * 3; pixel < start + across; pixel++, at += 3) {
      const cover = alpha ? alpha[pixel] : 255;
      if (cover === 0 || before[pixel] === after[pixel]) continue;
      const red = linear[data[at]];
      const green = linear[data[at + 1]];
      const blue = linear[data[at + 2]];
      const shift = (after[pixel] - before[pixel]) / (2.55 * 116);
      const x = cube(roots[((RX * red + GX * green + BX * blue) * COARSE + 0.5) | 0] + shift);
      const y = cube(roots[((RY * red + GY * green + BY * blue) * COARSE + 0.5) | 0] + shift);
      const z = cube(roots[((RZ * red + GZ * green + BZ * blue) * COARSE + 0.5) | 0] + shift);
      const newRed = encoded[shade(XR * x + YR * y + ZR * z)];
      const newGreen = encoded[shade(XG * x + YG * y + ZG * z)];
      const newBlue = encoded[shade(XB * x + YB * y + ZB * z)];
      if (cover === 255) {
        out[at] = newRed;
        out[at + 1] = newGreen;
        out[at + 2] = newBlue;
      } else {
        out[at] += ((newRed - data[at]) * cover) / 255;
        out[at + 1] += ((newGreen - data[at + 1]) * cover) / 255;
        out[at + 2] += ((newBlue - data[at + 2]) * cover) / 255;
      }
    }
  }
}

function shade(linear: number): number {
  return linear <= 0 ? 0 : linear >= 1 ? SHADES : (linear * SHADES + 0.5) | 0;
}
