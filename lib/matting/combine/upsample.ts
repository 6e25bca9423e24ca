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
export function upsample({ data, width, height }: RgbImage, work: WorkImage, coarse: Float32Array): Alpha {
  const { scale, rgb } = work;
  const alpha = new Uint8Array(width * height);
  if (scale === 1) {
    for (let i = 0; i < alpha.length; i++) alpha[i] = coarse[i] * 255 + 0.5;
    return { data: alpha, width, height };
  }
  const taps = Array.from({ length: scale }, (_, i) => {
    const t = (i + 0.5) / scale - 0.5;
    return { shift: t < 0 ? -2 : -1, weights: spline(t < 0 ? t + 1 : t) };
  });
  const even = evenBlocks(coarse, work);
  for (let wy = 0, block = 0; wy < work.height; wy++) {
    const bottom = Math.min(height, (wy + 1) * scale);
    for (let wx = 0; wx < work.width; wx++, block++) {
      const left = wx * scale;
      const right = Math.min(width, left + scale);
      if (even[block]) {
        const value = coarse[block] * 255 + 0.5;
        for (let y = wy * scale; y < bottom; y++) alpha.fill(value, y * width + left, y * width + right);
        continue;
      }
      for (let y = wy * scale; y < bottom; y++) {
        const down = taps[y - wy * scale];
        for (let x = left; x < right; x++) {
          const at = y * width + x;
          const across = taps[x - left];
          const [red, green, blue] = [data[at * 3], data[at * 3 + 1], data[at * 3 + 2]];
          let sum = 0;
          let total = 0;
          for (let j = 0; j < 4; j++) {
            const ny = wy + down.shift + j;
            const row = (ny < 0 ? 0 : ny >= work.height ? work.height - 1 : ny) * work.width;
            for (let i = 0; i < 4; i++) {
              const nx = wx + across.shift + i;
              const n = row + (nx < 0 ? 0 : nx >= work.width ? work.width - 1 : nx);
              const dr = rgb[n * 3] - red;
              const dg = rgb[n * 3 + 1] - green;
              const db = rgb[n * 3 + 2] - blue;
              const unlike = (dr * dr + dg * dg + db * db) >> 6;
              const weight =
                down.weights[j] * across.weights[i] * LIKENESS[unlike < STEPS ? unlike : STEPS - 1];
              sum += weight * coarse[n];
              total += weight;
            }
          }
          alpha[at] = (sum / total) * 255 + 0.5;
        }
      }
    }
  }
  return { data: alpha, width, height };
}

/** 1 where a coarse pixel and all that its photo pixels are made of have one value. */
function evenBlocks(coarse: Float32Array, { width, height }: WorkImage): Uint8Array {
  const even = new Uint8Array(coarse.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = coarse[y * width + x];
      let same = true;
      for (let ny = Math.max(0, y - 2); same && ny <= Math.min(height - 1, y + 2); ny++) {
        for (let nx = Math.max(0, x - 2); nx <= Math.min(width - 1, x + 2); nx++) {
          if (Math.abs(coarse[ny * width + nx] - own) > 0.004) same = false;
        }
      }
      if (same) even[y * width + x] = 1;
    }
  }
  return even;
}
