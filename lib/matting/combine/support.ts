import type { WorkImage } from '../plain';

/** A step (levels, three channels together) that counts as an edge, over three pixels. */
const EDGE = 20;

/**
 * Share of a matte's outline along which the photo has an edge too: little where a network guesses.
 * @param matte 0..1, of the work image's size
 * @returns 0..1; 1 where there is no outline
 */
export function edgeSupport(matte: Float32Array, { rgb, width, height }: WorkImage): number {
  let outline = 0;
  let supported = 0;
  const look = (from: number, step: number) => {
    if (matte[from] > 0.5 === matte[from + step] > 0.5) return;
    outline++;
    const before = (from - step) * 3;
    const after = (from + 2 * step) * 3;
    const red = rgb[before] - rgb[after];
    const green = rgb[before + 1] - rgb[after + 1];
    const blue = rgb[before + 2] - rgb[after + 2];
    if (red * red + green * green + blue * blue > EDGE * EDGE) supported++;
  };
  for (let y = 1; y < height - 2; y++) {
    for (let x = 1; x < width - 2; x++) {
      look(y * width + x, 1);
      look(y * width + x, width);
    }
  }
  return outline ? supported / outline : 1;
}
