import { createHash } from 'node:crypto';
import type { Alpha, ImageLimits, RgbImage } from '../contracts';
import { type Placed } from '../backdrops';
import { decodeImage } from '../image';

const OPAQUE = 255;
/** Pixels from the product within which JPEG's blocks may ring. */
const NEAR = 16;

export interface ExactProof {
  /** Opaque pixels of the product. */
  pixels: number;
  source_sha256: string;
  output_sha256: string;
}

/**
 * Reads a finished file again and compares the product's opaque pixels in it with those of the photo.
 * @param offset where the photo's origin lies in the picture
 * @throws Error where they differ, which would be a defect
 */
export async function proveExact(
  file: string,
  photo: RgbImage,
  alpha: Alpha,
  offset: { x: number; y: number },
  limits: ImageLimits,
): Promise<ExactProof> {
  const { rgb } = await decodeImage(file, { limits: wide(limits) });
  const source = createHash('sha256');
  const output = createHash('sha256');
  let pixels = 0;
  for (let y = 0; y < alpha.height; y++) {
    for (let x = 0; x < alpha.width; x++) {
      const pixel = y * alpha.width + x;
      if (alpha.data[pixel] !== OPAQUE) continue;
      // Whole runs at once: a call for each pixel would take seconds.
      let end = x + 1;
      while (end < alpha.width && alpha.data[y * alpha.width + end] === OPAQUE) end++;
      const there = (y + offset.y) * rgb.width + x + offset.x;
      source.update(photo.data.subarray(pixel * 3, (pixel + end - x) * 3));
      output.update(rgb.data.subarray(there * 3, (there + end - x) * 3));
      pixels += end - x;
      x = end;
    }
  }
  const [source_sha256, output_sha256] = [source.digest('hex'), output.digest('hex')];
  if (source_sha256 !== output_sha256) throw new Error('An exact product came out changed');
  return { pixels, source_sha256, output_sha256 };
}

export interface WhiteProof {
  /** Every pixel of the frame's edge that is not the product's is 255. */
  border: boolean;
  /** Share of 255 among the pixels that are not near the product. */
  share: number;
}

/** Reads a finished file again and looks whether its white is 255, 255, 255. */
export async function proveWhite(
  file: string,
  { alpha, x: left, y: top }: Placed,
  limits: ImageLimits,
): Promise<WhiteProof> {
  const { rgb } = await decodeImage(file, { limits: wide(limits) });
  const { data, width, height } = rgb;
  const near = nearProduct(alpha, { left, top, width, height });
  let border = true;
  let white = 0;
  let all = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (near(x, y)) continue;
      const pure = data[pixel * 3] === 255 && data[pixel * 3 + 1] === 255 && data[pixel * 3 + 2] === 255;
      all++;
      if (pure) white++;
      else if (x === 0 || y === 0 || x === width - 1 || y === height - 1) border = false;
    }
  }
  return { border, share: all ? white / all : 1 };
}

/** Whether a block of the picture holds product, or lies beside one that does. */
function nearProduct(
  alpha: Alpha,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
): (x: number, y: number) => boolean {
  const columns = Math.ceil(width / NEAR) + 2;
  const held = new Uint8Array(columns * (Math.ceil(height / NEAR) + 2));
  for (let y = Math.max(0, -top); y < Math.min(alpha.height, height - top); y++) {
    const row = (Math.floor((y + top) / NEAR) + 1) * columns + 1;
    for (let x = Math.max(0, -left); x < Math.min(alpha.width, width - left); x++) {
      if (alpha.data[y * alpha.width + x]) held[row + Math.floor((x + left) / NEAR)] = 1;
    }
  }
  return (x, y) => {
    const at = (Math.floor(y / NEAR) + 1) * columns + Math.floor(x / NEAR) + 1;
    for (const line of [at - columns, at, at + columns])
      if (held[line - 1] || held[line] || held[line + 1]) return true;
    return false;
  };
}

/** Our own files may be larger than what callers may send. */
function wide(limits: ImageLimits): ImageLimits {
  return { ...limits, maxBytes: Number.MAX_SAFE_INTEGER, maxPixels: Number.MAX_SAFE_INTEGER };
}
