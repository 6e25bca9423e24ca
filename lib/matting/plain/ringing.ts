/** Pixels of a JPEG block; with chroma at half size its colour ripples reach twice as far. */
const BLOCK = 8;
/** How strong the ripples get: a share of the edge's contrast, and at most (Lab). */
const SHARE = 0.11;
const MOST = 11;

/**
 * JPEG surrounds strong edges with ripples as wide as its blocks. They look like a faint second outline; next
 * to something that much stronger they count as backdrop.
 * @param like 1 where a pixel looks like backdrop; gets the ripples' pixels too
 * @param total Lab distance to the backdrop, per work pixel
 * @param scale photo pixels per work pixel; averaging them calms the ripples
 */
export function excuseRinging(
  like: Uint8Array,
  total: Float32Array,
  width: number,
  height: number,
  scale: number,
): void {
  const cell = Math.max(1, Math.round(BLOCK / scale));
  const across = Math.ceil(width / cell);
  const down = Math.ceil(height / cell);
  const strongest = new Float32Array(across * down);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cell) * across;
    for (let x = 0; x < width; x++, i++) {
      const at = row + Math.floor(x / cell);
      if (total[i] > strongest[at]) strongest[at] = total[i];
    }
  }
  const share = SHARE / scale;
  const excused = new Float32Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      let most = 0;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(down - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(across - 1, x + 1); nx++) {
          if (strongest[ny * across + nx] > most) most = strongest[ny * across + nx];
        }
      }
      excused[y * across + x] = Math.min(MOST, share * most);
    }
  }
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cell) * across;
    for (let x = 0; x < width; x++, i++) {
      if (total[i] < excused[row + Math.floor(x / cell)]) like[i] = 1;
    }
  }
}
