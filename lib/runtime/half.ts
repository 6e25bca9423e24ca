/**
 * Half-precision floats (IEEE 754 binary16) as their bits, because Node has no Float16Array before version 24. Both
 * ways round to nearest, ties to even, as the standard says.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
let values: Float32Array | undefined;

/** Values over 65504 become infinite, those under 2^-25 zero. */
export function toHalf(source: Float32Array): Uint16Array {
  const half = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) half[i] = halfBits(source[i]);
  return half;
}

export function fromHalf(source: Uint16Array): Float32Array {
  const table = (values ??= Float32Array.from({ length: 65_536 }, (_, half) => halfValue(half)));
  const result = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) result[i] = table[source[i]];
  return result;
}

function halfBits(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const exponent = (bits[0] >>> 23) & 0xff;
  const mantissa = bits[0] & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  // The exponent's bias goes from 127 to 15.
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted > 0) return sign | roundShift((shifted << 23) | mantissa, 13);
  // Subnormal: the hidden bit becomes visible and moves down.
  return shifted < -10 ? sign : sign | roundShift(mantissa | 0x800000, 14 - shifted);
}

/** `value / 2^by`, to nearest, ties to even. A carry into the exponent is right as it is. */
function roundShift(value: number, by: number): number {
  const whole = value >>> by;
  const rest = value & ((1 << by) - 1);
  const middle = 1 << (by - 1);
  return rest > middle || (rest === middle && whole & 1) ? whole + 1 : whole;
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
