import { invalid } from '../contracts';

/**
 * @param name of the parameter, for the error
 * @returns red, green, blue, 0..255
 * @throws VitrineError INVALID_PARAMETER unless `text` is #rgb or #rrggbb
 */
export function parseColor(text: string, name = 'bgcolor'): [number, number, number] {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  if (!match) throw invalid(name, 'a colour such as #fff or #f4f1ec', text);
  const hex = match[1].length === 3 ? match[1].replace(/./g, '$&$&') : match[1];
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
}

/** Linear sRGB to XYZ (IEC 61966-2-1), each row divided by the D65 white point. */
export const RGB_TO_XYZ = [
  [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
] as const;
const [[RX, GX, BX], [RY, GY, BY], [RZ, GZ, BZ]] = RGB_TO_XYZ;

/** The inverse of `RGB_TO_XYZ`. */
export const XYZ_TO_RGB = [
  [3.2404542 * 0.95047, -1.5371385, -0.4985314 * 1.08883],
  [-0.969266 * 0.95047, 1.8760108, 0.041556 * 1.08883],
  [0.0556434 * 0.95047, -0.2040259, 1.0572252 * 1.08883],
] as const;

/** Linear light 0..1 of an sRGB byte. */
export const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => toLinear(byte / 255));

/** Steps of `ROOTS`; the error stays under 0.02 of an L unit. */
export const STEPS = 65535;
/** f(t) of CIE Lab over t = 0..1. */
export const ROOTS = Float32Array.from({ length: STEPS + 2 }, (_, step) => labRoot(step / STEPS));

/**
 * Interleaved sRGB bytes to interleaved L (0..100), a, b (about -128..127); D65, CIE 1976. Within 0.06 of the
 * exact formula.
 * @param count pixels to convert, from the first
 */
export function rgbToLab(rgb: Uint8Array, count = Math.floor(rgb.length / 3)): Float32Array {
  const lab = new Float32Array(count * 3);
  for (let at = 0; at < count * 3; at += 3) {
    const red = LINEAR[rgb[at]];
    const green = LINEAR[rgb[at + 1]];
    const blue = LINEAR[rgb[at + 2]];
    const fx = ROOTS[((RX * red + GX * green + BX * blue) * STEPS + 0.5) | 0];
    const fy = ROOTS[((RY * red + GY * green + BY * blue) * STEPS + 0.5) | 0];
    const fz = ROOTS[((RZ * red + GZ * green + BZ * blue) * STEPS + 0.5) | 0];
    lab[at] = 116 * fy - 16;
    lab[at + 1] = 500 * (fx - fy);
    lab[at + 2] = 200 * (fy - fz);
  }
  return lab;
}

/** CIE Lab (D65, as `rgbToLab` gives it) to linear light, which may lie outside of 0..1. */
export function labToLinear(l: number, a: number, b: number): [number, number, number] {
  const fy = (l + 16) / 116;
  const white = [cube(fy + a / 500), cube(fy), cube(fy - b / 200)];
  return XYZ_TO_RGB.map(([x, y, z]) => x * white[0] + y * white[1] + z * white[2]) as [
    number,
    number,
    number,
  ];
}

/** Inverse of f(t) of CIE Lab. */
export function cube(f: number): number {
  return f > 6 / 29 ? f * f * f : (108 / 841) * (f - 4 / 29);
}

/** sRGB transfer curve, 0..1 to linear light 0..1. */
export function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear light 0..1 to the sRGB curve, 0..1. */
export function fromLinear(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}

function labRoot(t: number): number {
  return t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29;
}
