/** Cells across in which noise is looked for: of those with the least of it, no texture is left over. */
const CELLS = 16;
/** Which of the cells counts, from the calmest on. */
const CALM = 0.2;
/** Levels that are added at most: what is noisier than this is texture. */
const MOST = 4;

interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * How noisy a picture is in its calm parts, in levels: the difference of two Laplacians feels neither edges nor slopes
 * (J. Immerkær, "Fast noise variance estimation", CVIU 1996). Green only.
 * @param picture of three or four channels; of four, where it is opaque
 */
export function noiseOf({ data, width, height }: Pixels): number {
  const [across, down] = [Math.floor(width / CELLS), Math.floor(height / CELLS)];
  if (across < 4 || down < 4) return 0;
  const channels = data.length / (width * height);
  const found: number[] = [];
  const row = width * channels;
  for (let cellY = 0; cellY < CELLS; cellY++) {
    for (let cellX = 0; cellX < CELLS; cellX++) {
      let [sum, count] = [0, 0];
      for (let y = cellY * down + 1; y < (cellY + 1) * down - 1; y += 2) {
        for (let x = cellX * across + 1; x < (cellX + 1) * across - 1; x += 2) {
          const at = (y * width + x) * channels + 1;
          if (channels === 4 && data[at + 2] < 255) continue;
          const [up, low] = [at - row, at + row];
          const corners =
            data[up - channels] + data[up + channels] + data[low - channels] + data[low + channels];
          const sides = data[up] + data[low] + data[at - channels] + data[at + channels];
          sum += Math.abs(corners - 2 * sides + 4 * data[at]);
          count++;
        }
      }
      if (count) found.push((Math.sqrt(Math.PI / 2) * sum) / (6 * count));
    }
  }
  found.sort((a, b) => a - b);
  return found.length ? Math.min(MOST, found[Math.floor(CALM * found.length)]) : 0;
}
