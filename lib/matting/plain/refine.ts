import { throwIfAborted, type Alpha, type RgbImage } from '../../contracts';
import { makeEvener, type Checker } from './checker';
import { estimateEdgeColours, type EdgeColours } from './edge-colours';
import { unmixFur } from './fur';
import { EdgeProfile } from './profile';
import type { WorkImage } from './work';

/** Contrast (sRGB distance) at which colour alone starts and ends to decide about alpha. */
const WEAK_CONTRAST = 10;
const STRONG_CONTRAST = 28;
/** Mixtures outside this range are noise around pure backdrop and pure product. */
const FLOOR = 0.05;
const CEILING = 0.93;

/**
 * Alpha at the photo's own size. Away from the outline it is the mask; along it each pixel is unmixed between
 * the product's and the backdrop's local colours, so that edges are placed more finely than a pixel.
 */
export function refine(
  image: RgbImage,
  work: WorkImage,
  mask: Uint8Array,
  total: Float32Array,
  checker: Checker | undefined,
  noise: number,
  signal?: AbortSignal,
): Alpha {
  const { width, height } = image;
  const { scale } = work;
  const colours = estimateEdgeColours(work, mask);
  const alpha = new Uint8Array(width * height);
  const rgb = scale === 1 ? work.rgb : checker ? evenPhoto(image, checker) : image.data;
  const profile = new EdgeProfile(rgb, width, height, 3 * scale + 2, noise);
  for (let wy = 0; wy < work.height; wy++) {
    if (signal && (wy & 63) === 0) throwIfAborted(signal);
    const lastRow = Math.min(height, (wy + 1) * scale);
    for (let y = wy * scale; y < lastRow; y++) {
      fillRow(alpha, y, width, wy, work, mask, colours);
      if (colours.rowStart[wy] === colours.rowStart[wy + 1]) continue;
      unmixRow(alpha, y, width, wy, work, colours, rgb, profile, noise);
    }
  }
  // What a checkerboard leaves along the outline looks like fur.
  if (!checker) unmixFur(alpha, rgb, width, height, work, mask, total);
  return { data: alpha, width, height };
}

function evenPhoto(image: RgbImage, checker: Checker): Uint8Array {
  const { data, width, height } = image;
  const evener = makeEvener(checker, width, height, 1);
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) evener.even(data, y, out.subarray(y * width * 3, (y + 1) * width * 3));
  return out;
}

/** Runs of sure pixels. */
function fillRow(
  alpha: Uint8Array,
  y: number,
  width: number,
  wy: number,
  work: WorkImage,
  mask: Uint8Array,
  { band }: EdgeColours,
): void {
  const row = wy * work.width;
  for (let wx = 0; wx < work.width;) {
    const start = wx;
    const sure = mask[row + start] === 1 && band[row + start] < 0;
    while (wx < work.width && (mask[row + wx] === 1 && band[row + wx] < 0) === sure) wx++;
    if (sure) alpha.fill(255, y * width + start * work.scale, y * width + Math.min(width, wx * work.scale));
  }
}

function unmixRow(
  alpha: Uint8Array,
  y: number,
  width: number,
  wy: number,
  work: WorkImage,
  colours: EdgeColours,
  rgb: Uint8Array,
  profile: EdgeProfile,
  noise: number,
): void {
  const { scale } = work;
  const { pixels, rowStart, product, backdrop, soft, inward } = colours;
  const floorDistance = noise * 2;
  for (let n = rowStart[wy]; n < rowStart[wy + 1]; n++) {
    const wx = pixels[n] % work.width;
    const at = n * 3;
    const [fr, fg, fb] = [product[at], product[at + 1], product[at + 2]];
    const [br, bg, bb] = [backdrop[at], backdrop[at + 1], backdrop[at + 2]];
    const contrast = Math.sqrt((fr - br) ** 2 + (fg - bg) ** 2 + (fb - bb) ** 2);
    const trust = Math.min(1, Math.max(0, (contrast - WEAK_CONTRAST) / (STRONG_CONTRAST - WEAK_CONTRAST)));
    const reach = Math.max(1, contrast - floorDistance);
    const last = Math.min(width, (wx + 1) * scale);
    for (let x = wx * scale; x < last; x++) {
      if (trust > 0 && (inward[n * 2] !== 0 || inward[n * 2 + 1] !== 0)) {
        const read = profile.alphaAt(x, y, inward[n * 2], inward[n * 2 + 1], br, bg, bb);
        if (read >= 0) {
          alpha[y * width + x] = (read * trust + soft[n] * (1 - trust)) * 255 + 0.5;
          continue;
        }
      }
      const from = (y * width + x) * 3;
      const dr = rgb[from] - br;
      const dg = rgb[from + 1] - bg;
      const db = rgb[from + 2] - bb;
      const away = Math.sqrt(dr * dr + dg * dg + db * db) - floorDistance;
      const mixed = (away / reach - FLOOR) / (CEILING - FLOOR);
      const value = Math.min(1, Math.max(0, mixed)) * trust + soft[n] * (1 - trust);
      alpha[y * width + x] = value * 255 + 0.5;
    }
  }
}
