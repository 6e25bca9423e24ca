// ITU-T T.81, annex K.1: steps of the coefficients of luma and of colour differences at quality 50.
const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const COLOR = [
  17,
  18,
  24,
  47,
  99,
  99,
  99,
  99,
  18,
  21,
  26,
  66,
  99,
  99,
  99,
  99,
  24,
  26,
  56,
  99,
  99,
  99,
  99,
  99,
  47,
  66,
  99,
  99,
  99,
  99,
  99,
  99,
  ...new Array<number>(32).fill(99),
];

/**
 * Steps for a quality, 1..100, as the reference software of the Independent JPEG Group scales them, and one over each,
 * column by column, as the kernel `quantize` reads them.
 */
export function jpegSteps(quality: number): { luma: Float32Array; color: Float32Array } {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const scaled = (table: readonly number[]) =>
    Float32Array.from({ length: 128 }, (_, at) => {
      const step = table[(at & 7) * 8 + ((at >> 3) & 7)];
      const level = Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100)));
      return at < 64 ? level : 1 / level;
    });
  return { luma: scaled(LUMA), color: scaled(COLOR) };
}
