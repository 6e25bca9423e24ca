import type { RgbImage } from '../../../contracts';

/** Cells across in which noise is looked for: of those with the least of it, no texture is left over. */
const CELLS = 16;
/** Which of the cells counts, from the calmest on. */
const CALM = 0.2;
/** Levels that are added at most: what is noisier than this is texture. */
const MOST = 4;

/**
 * How noisy a picture is in its calm parts, in levels: the difference of two Laplacians feels neither edges nor slopes
 * (J. Immerkær, "Fast noise variance estimation", CVIU 1996). Green only.
 */
export function noiseOf({ data, width, height }: RgbImage): number {
  const [across, down] = [Math.floor(width / CELLS), Math.floor(height / CELLS)];
  if (across < 4 || down < 4) return 0;
  const found: number[] = [];
  const row = width * 3;
  for (let cellY = 0; cellY < CELLS; cellY++) {
    for (let cellX = 0; cellX < CELLS; cellX++) {
      let [sum, count] = [0, 0];
      for (let y = cellY * down + 1; y < (cellY + 1) * down - 1; y += 2) {
        for (let x = cellX * across + 1; x < (cellX + 1) * across - 1; x += 2, count++) {
          const at = (y * width + x) * 3 + 1;
          const corners = data[at - row - 3] + data[at - row + 3] + data[at + row - 3] + data[at + row + 3];
          const sides = data[at - row] + data[at + row] + data[at - 3] + data[at + 3];
          sum += Math.abs(corners - 2 * sides + 4 * data[at]);
        }
      }
      found.push((Math.sqrt(Math.PI / 2) * sum) / (6 * Math.max(1, count)));
    }
  }
  found.sort((a, b) => a - b);
  return Math.min(MOST, found[Math.floor(CALM * found.length)]);
}
