import type { Alpha, RgbImage } from '../../contracts';
import type { WorkImage } from '../plain';

/** A neighbour of another colour counts less: standard deviation of the difference (levels, three channels together). */
const RANGE = 18;
const STEPS = 1024;
/** What a neighbour counts for, by the square of its difference in steps of 64. */
const LIKENESS = Float32Array.from(
  { length: STEPS },
  (_, i) => Math.exp((-i * 64) / (2 * RANGE * RANGE)) + 1e-3,
);
/** Coarse pixels around each photo pixel, to a side. */
const TAPS = 4;
/** Cubic B-spline at four neighbours: smooth where colour says nothing. */
const spline = (t: number): [number, number, number, number] => {
  const u = 1 - t;
  return [
    (u * u * u) / 6,
    (3 * t * t * t - 6 * t * t + 4) / 6,
    (3 * u * u * u - 6 * u * u + 4) / 6,
    (t * t * t) / 6,
  ];
};

/**
 * A matte brought to the photo's own size along the photo's own edges: each pixel near the outline is a mean of the
 * coarse pixels around it, of which those of its own colour count (J. Kopf et al., "Joint bilateral upsampling",
 * SIGGRAPH 2007).
 * @param coarse 0..1, of the work image's size
 */
export function upsample(photo: RgbImage, work: WorkImage, coarse: Float32Array): Alpha {
  const { width, height } = photo;
  const { scale } = work;
  const alpha = new Uint8Array(width * height);
  const blur = scale > 1 ? new Upsampler(photo, work, coarse) : undefined;
  for (let wy = 0, block = 0; wy < work.height; wy++) {
    const bottom = Math.min(height, (wy + 1) * scale);
    for (let wx = 0; wx < work.width; wx++, block++) {
      const left = wx * scale;
      const right = Math.min(width, left + scale);
      if (blur && !isEven(coarse, work, wx, wy)) {
        for (let y = wy * scale; y < bottom; y++)
          for (let x = left; x < right; x++) alpha[y * width + x] = blur.at(x, y, wx, wy) * 255 + 0.5;
        continue;
      }
      const value = coarse[block] * 255 + 0.5;
      for (let at = wy * scale * width; at < bottom * width; at += width)
        for (let x = left; x < right; x++) alpha[at + x] = value;
    }
  }
  return { data: alpha, width, height };
}

/** The bilateral means of single photo pixels. */
class Upsampler {
  /** For each place within a block: how far off its first neighbour is, and the weights of all. */
  private readonly shifts: Int32Array;
  private readonly weights: Float32Array;

  constructor(
    private readonly photo: RgbImage,
    private readonly work: WorkImage,
    private readonly coarse: Float32Array,
  ) {
    const { scale } = work;
    this.shifts = new Int32Array(scale);
    this.weights = new Float32Array(scale * TAPS);
    for (let i = 0; i < scale; i++) {
      const t = (i + 0.5) / scale - 0.5;
      this.shifts[i] = t < 0 ? -2 : -1;
      this.weights.set(spline(t < 0 ? t + 1 : t), i * TAPS);
    }
  }

  /** Of the pixel at `x`, `y` of the photo, in the block `wx`, `wy`; 0..1. */
  at(x: number, y: number, wx: number, wy: number): number {
    const { photo, work, coarse, shifts, weights } = this;
    const { scale, rgb, width, height } = work;
    const across = x - wx * scale;
    const down = y - wy * scale;
    const from = (y * photo.width + x) * 3;
    const red = photo.data[from];
    const green = photo.data[from + 1];
    const blue = photo.data[from + 2];
    let sum = 0;
    let total = 0;
    for (let j = 0; j < TAPS; j++) {
      const ny = wy + shifts[down] + j;
      const row = (ny < 0 ? 0 : ny >= height ? height - 1 : ny) * width;
      for (let i = 0; i < TAPS; i++) {
        const nx = wx + shifts[across] + i;
        const n = row + (nx < 0 ? 0 : nx >= width ? width - 1 : nx);
        const dr = rgb[n * 3] - red;
        const dg = rgb[n * 3 + 1] - green;
        const db = rgb[n * 3 + 2] - blue;
        const unlike = (dr * dr + dg * dg + db * db) >> 6;
        const likeness = LIKENESS[unlike < STEPS ? unlike : STEPS - 1];
        const weight = weights[down * TAPS + j] * weights[across * TAPS + i] * likeness;
        sum += weight * coarse[n];
        total += weight;
      }
    }
    return sum / total;
  }
}

/** Whether a coarse pixel and all that its photo pixels are made of have one value. */
function isEven(coarse: Float32Array, { width, height }: WorkImage, x: number, y: number): boolean {
  const own = coarse[y * width + x];
  const [top, bottom] = [Math.max(0, y - 2), Math.min(height - 1, y + 2)];
  const [left, right] = [Math.max(0, x - 2), Math.min(width - 1, x + 2)];
  for (let row = top * width; row <= bottom * width; row += width) {
    for (let at = row + left; at <= row + right; at++) {
      const off = coarse[at] - own;
      if (off > 0.004 || off < -0.004) return false;
    }
  }
  return true;
}
