import { distanceTo, fitSurface, type Surface } from './surface';

/** What the rim of the picture says about its backdrop. */
export interface BorderModel {
  /** Smooth backdrop colour in Lab over the whole picture. */
  surface: Surface;
  /** Robust spread of the rim around the surface, in Lab units (at least 0.3). */
  noise: number;
  /** Share of the rim's pixels that lie on the surface, 0..1. */
  share: number;
  /** The same for the top, right, bottom and left side. */
  sides: [number, number, number, number];
}

const MAX_SAMPLES = 4000;
/** Lab units; a rim pixel nearer than this to the surface is backdrop. */
export const TOLERANCE = 6;

interface Samples {
  x: Float32Array;
  y: Float32Array;
  /** Interleaved Lab. */
  lab: Float32Array;
  side: Uint8Array;
  count: number;
}

/**
 * Fits the smooth backdrop to the rim, starting from the rim's most frequent colour.
 * @param lab interleaved
 */
export function modelBorder(width: number, height: number, lab: Float32Array): BorderModel {
  const samples = sampleRim(width, height, lab);
  const centre = commonColour(samples);
  let surface: Surface = { terms: 1, coefficients: Float64Array.from(centre) };
  for (const [terms, tolerance] of [
    [1, 16],
    [3, 14],
    [3, 10],
    [6, 8],
    [6, TOLERANCE],
    [6, TOLERANCE],
  ]) {
    const weights = new Float32Array(samples.count);
    let used = 0;
    for (let i = 0; i < samples.count; i++) {
      const off = residual(surface, samples, i) / tolerance;
      weights[i] = off < 1 ? (1 - off * off) ** 2 : 0;
      if (weights[i] > 0) used++;
    }
    if (used < terms * 4) break;
    surface = fitSurface(samples.x, samples.y, samples.lab, weights, terms);
  }
  return { surface, ...spread(surface, samples) };
}

function sampleRim(width: number, height: number, lab: Float32Array): Samples {
  const thickness = Math.min(
    Math.max(1, Math.round(0.012 * Math.min(width, height))),
    Math.ceil(Math.min(width, height) / 2),
  );
  const total = 2 * thickness * (width + height);
  const step = Math.max(1, Math.ceil(total / MAX_SAMPLES));
  const samples: Samples = {
    x: new Float32Array(total),
    y: new Float32Array(total),
    lab: new Float32Array(total * 3),
    side: new Uint8Array(total),
    count: 0,
  };
  const take = (px: number, py: number, side: number) => {
    const i = samples.count++;
    samples.x[i] = (2 * px + 1) / width - 1;
    samples.y[i] = (2 * py + 1) / height - 1;
    samples.lab.set(lab.subarray((py * width + px) * 3, (py * width + px) * 3 + 3), i * 3);
    samples.side[i] = side;
  };
  for (let depth = 0; depth < thickness; depth++) {
    // A shifted start per depth keeps a regular pattern from being sampled in step.
    for (let px = (depth * 7) % step; px < width; px += step) {
      take(px, depth, 0);
      take(px, height - 1 - depth, 2);
    }
    for (let py = (depth * 7) % step; py < height; py += step) {
      take(width - 1 - depth, py, 1);
      take(depth, py, 3);
    }
  }
  return samples;
}

/** The centre of the most crowded 10-unit Lab cell and its neighbours. */
function commonColour(samples: Samples): [number, number, number] {
  const size = 26;
  const counts = new Uint32Array(size ** 3);
  const cell = (i: number) => {
    const at = (value: number) => Math.min(size - 2, Math.max(1, Math.round(value / 10) + 12));
    return (at(samples.lab[i * 3]) * size + at(samples.lab[i * 3 + 1])) * size + at(samples.lab[i * 3 + 2]);
  };
  for (let i = 0; i < samples.count; i++) counts[cell(i)]++;
  let best = 0;
  let bestCount = -1;
  for (let i = 0; i < samples.count; i++) {
    const at = cell(i);
    const around = counts[at] * 2 + counts[at - 1] + counts[at + 1] + counts[at - size] + counts[at + size];
    const full = around + counts[at - size * size] + counts[at + size * size];
    if (full > bestCount) [best, bestCount] = [at, full];
  }
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < samples.count; i++) {
    if (cell(i) !== best) continue;
    for (let c = 0; c < 3; c++) sum[c] += samples.lab[i * 3 + c];
    count++;
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

function residual(surface: Surface, samples: Samples, i: number): number {
  return distanceTo(surface, samples.x[i], samples.y[i], samples.lab, i * 3);
}

function spread(surface: Surface, samples: Samples): Omit<BorderModel, 'surface'> {
  const near: number[] = [];
  const on = [0, 0, 0, 0];
  const of = [0, 0, 0, 0];
  for (let i = 0; i < samples.count; i++) {
    const off = residual(surface, samples, i);
    of[samples.side[i]]++;
    if (off > TOLERANCE) continue;
    on[samples.side[i]]++;
    near.push(off);
  }
  near.sort((p, q) => p - q);
  const noise = near.length ? Math.max(0.3, near[near.length >> 1] / 1.54) : TOLERANCE;
  return {
    noise,
    share: near.length / samples.count,
    sides: on.map((count, side) => count / Math.max(1, of[side])) as BorderModel['sides'],
  };
}
