// ITU-T T.81, annex K.1: steps of the coefficients of luma and of colour differences at quality 50.
const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87,
  80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92,
  95, 98, 112, 100, 103, 99,
];
const COLOR = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99,
  99, 99, ...new Array<number>(32).fill(99),
];

/** Steps for a quality, 1..100, as the reference software of the Independent JPEG Group scales them. */
export function jpegSteps(quality: number): { luma: Float32Array; color: Float32Array } {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const scaled = (step: number) => Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100)));
  return { luma: Float32Array.from(LUMA, scaled), color: Float32Array.from(COLOR, scaled) };
}

/** The cosine transform of 8 values as a matrix, and that matrix transposed. */
export const COSINES = Float32Array.from({ length: 128 }, (_, at) => {
  const [row, column] = [(at >> 3) & 7, at & 7];
  const [u, x] = at < 64 ? [row, column] : [column, row];
  return Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1) * 0.5;
});
