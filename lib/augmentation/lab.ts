import { fromLinear, toLinear } from '../image';

/** Linear sRGB to XYZ and back (IEC 61966-2-1), D65. */
const TO_XYZ = [0.412453, 0.35758, 0.180423, 0.212671, 0.71516, 0.072169, 0.019334, 0.119193, 0.950227];
const FROM_XYZ = [
  3.240479, -1.53715, -0.498535, -0.969256, 1.875991, 0.041556, 0.055648, -0.204043, 1.057311,
];
const WHITE = [0.950456, 1, 1.088754];

/** Steps of linear light 0..1, and how far f(t) is tabled: a little over white. */
const [LIGHT, REACH] = [2040, 3072];
const CURVE = 4096;

const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29);

/** What the kernel `toLab` reads: see kernels/lab.ts. */
export const LAB_TABLES = Buffer.concat([
  bytes(Int32Array.from({ length: 256 }, (_, level) => Math.round(toLinear(level / 255) * LIGHT))),
  bytes(Int32Array.from(TO_XYZ, (share, at) => Math.round((share / WHITE[Math.floor(at / 3)]) * 4096))),
  bytes(Uint16Array.from({ length: REACH }, (_, step) => Math.round(f(step / LIGHT) * 32_768))),
]);

/** What the kernel `fromLab` reads. */
export const RGB_TABLES = Buffer.concat([
  bytes(Float32Array.from([...FROM_XYZ.map((share, at) => share * WHITE[at % 3]), 0, 0, 0])),
  Uint8Array.from({ length: CURVE }, (_, step) => Math.round(fromLinear(step / (CURVE - 1)) * 255)),
]);

function bytes({ buffer }: Int32Array | Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer);
}
