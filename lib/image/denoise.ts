import type { RgbImage } from '../contracts';
import { estimateNoise } from './noise';
import { shrinkDetail, type Workspace } from './wavelet';

/** Noise under this many levels is left alone; rounding to whole levels makes 0.3 by itself. */
const NEGLIGIBLE = 0.6;
/** Noise over this many levels is taken for texture. */
const MOST = 20;
/** Wavelet levels of brightness and of the two colour differences, where noise is coarser. */
const LEVELS = [3, 4, 4] as const;
/** How much stronger than measured the noise is taken to be. */
const STRENGTH = [1, 1.3, 1.3] as const;
/** Side of a working tile, and how much of its neighbours it needs: the reach of all levels together. */
const TILE = 384;
const HALO = 24;
const SPAN = TILE + 2 * HALO;

/**
 * Takes sensor noise out of a photo. The noise is measured first, in brightness and colour apart, so a clean picture
 * comes back as it was. Then an undecimated wavelet transform of each is shrunk by a local Wiener filter
 * (M. K. Mihcak et al., "Low-complexity image denoising based on statistical modeling of wavelet coefficients", 1999).
 * Works in tiles: the memory needed does not grow with the picture.
 */
export function denoise(image: RgbImage): RgbImage {
  const { data, width, height } = image;
  const noise = estimateNoise(image).map((sigma) => Math.min(MOST, sigma));
  const result = { data: data.slice(), width, height };
  if (noise.every((sigma) => sigma < NEGLIGIBLE)) return result;
  const planes = [0, 1, 2].map(() => new Float32Array(SPAN * SPAN));
  const workspace: Workspace = [0, 1, 2, 3].map(() => new Float32Array(SPAN * SPAN)) as Workspace;
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const across = Math.min(SPAN, width - left + 2 * HALO);
      const down = Math.min(SPAN, height - top + 2 * HALO);
      readTile(image, left - HALO, top - HALO, across, down, planes);
      planes.forEach((plane, index) => {
        if (noise[index] < NEGLIGIBLE) return;
        shrinkDetail(plane, across, down, noise[index] * STRENGTH[index], LEVELS[index], workspace);
      });
      writeTile(result, left, top, across, down, planes);
    }
  }
  return result;
}

/** JPEG's YCbCr (ITU-T T.871) of a tile, mirrored where it reaches over the picture. */
function readTile(
  image: RgbImage,
  left: number,
  top: number,
  across: number,
  down: number,
  planes: Float32Array[],
): void {
  const { data, width, height } = image;
  const columns = Int32Array.from({ length: across }, (_, x) => mirror(left + x, width) * 3);
  const [luma, blueness, redness] = planes;
  for (let y = 0, at = 0; y < down; y++) {
    const row = mirror(top + y, height) * width * 3;
    for (let x = 0; x < across; x++, at++) {
      const from = row + columns[x];
      const red = data[from];
      const green = data[from + 1];
      const blue = data[from + 2];
      luma[at] = 0.299 * red + 0.587 * green + 0.114 * blue;
      blueness[at] = -0.168736 * red - 0.331264 * green + 0.5 * blue;
      redness[at] = 0.5 * red - 0.418688 * green - 0.081312 * blue;
    }
  }
}

function mirror(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((at % period) + period) % period;
  return Math.min(inside, period - inside);
}

function writeTile(
  image: RgbImage,
  left: number,
  top: number,
  across: number,
  down: number,
  planes: Float32Array[],
): void {
  const { data, width } = image;
  const [luma, blueness, redness] = planes;
  for (let y = HALO; y < down - HALO; y++) {
    let from = y * across + HALO;
    let to = ((top + y - HALO) * width + left) * 3;
    for (let x = HALO; x < across - HALO; x++, from++, to += 3) {
      data[to] = toByte(luma[from] + 1.402 * redness[from]);
      data[to + 1] = toByte(luma[from] - 0.344136 * blueness[from] - 0.714136 * redness[from]);
      data[to + 2] = toByte(luma[from] + 1.772 * blueness[from]);
    }
  }
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}
