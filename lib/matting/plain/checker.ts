import type { WorkImage } from './work';

/** The two-tone squares that editors show for transparency, baked into so many "transparent" pictures. */
export interface Checker {
  /** Photo pixels per square, across and down. */
  period: [number, number];
  /** Where a boundary between squares lies, photo pixels. */
  phase: [number, number];
  /** sRGB of the squares whose sign is positive, then of the others. */
  tones: [number[], number[]];
}

/** Shares of the rim's pixels that must follow the pattern. */
const MIN_SHARE = 0.7;
/** Tones nearer than this (sRGB green) make no pattern worth removing. */
const MIN_CONTRAST = 4;
const MIN_PERIOD = 2.5;
const MIN_SQUARES = 6;

/** Looks for a regular two-tone checkerboard along the rim. */
export function detectChecker(work: WorkImage): Checker | undefined {
  const { width, height, scale } = work;
  if (Math.min(width, height) < MIN_PERIOD * MIN_SQUARES) return undefined;
  const depth = Math.min(24, Math.floor(Math.min(width, height) / 4));
  const across = findComb(stepProfile(work, depth, 0));
  if (!across) return undefined;
  const down = findComb(stepProfile(work, depth, 1));
  if (!down || Math.abs(across.period - down.period) > 0.1 * across.period) return undefined;
  const checker: Checker = {
    period: [across.period * scale, down.period * scale],
    phase: [across.phase * scale, down.phase * scale],
    tones: [[], []],
  };
  return measureTones(work, checker, depth) ? checker : undefined;
}

/** Mean absolute step of green between neighbours along one axis, over the rim parallel to it. */
function stepProfile({ width, height, rgb }: WorkImage, depth: number, axis: 0 | 1): Float64Array {
  const [length, breadth] = axis === 0 ? [width, height] : [height, width];
  const [along, beside] = axis === 0 ? [3, width * 3] : [width * 3, 3];
  const profile = new Float64Array(length);
  for (let lane = 0; lane < 2 * depth; lane++) {
    const row = lane < depth ? lane : breadth - 1 - (lane - depth);
    for (let i = 1, at = row * beside + 1 + along; i < length; i++, at += along) {
      profile[i] += Math.min(64, Math.abs(rgb[at] - rgb[at - along]));
    }
  }
  return profile;
}

/** Period and phase of evenly spaced peaks, or undefined when nothing repeats. */
function findComb(profile: Float64Array): { period: number; phase: number } | undefined {
  const length = profile.length;
  const mean = profile.reduce((sum, value) => sum + value, 0) / length;
  const centred = profile.map((value) => value - mean);
  const energy = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0) * length);
  if (energy === 0) return undefined;
  const lowest = MIN_SQUARES / length;
  const step = 1 / (4 * length);
  const powers: number[] = [];
  for (let f = lowest; f <= 1 / MIN_PERIOD; f += step) powers.push(transform(centred, f).power);
  const strongest = Math.max(...powers);
  // Every multiple of the true frequency is strong too: take the lowest.
  let index = powers.findIndex((power) => power > 0.6 * strongest);
  if (index < 0 || strongest < 0.12 * energy) return undefined;
  while (index + 1 < powers.length && powers[index + 1] > powers[index]) index++;
  let best = lowest + index * step;
  let found = transform(centred, best);
  for (let span = step / 2; span > step / 200; span /= 2) {
    for (const f of [best - span, best + span]) {
      const tried = transform(centred, f);
      if (tried.power > found.power) [best, found] = [f, tried];
    }
  }
  return { period: 1 / best, phase: found.angle / (2 * Math.PI * best) };
}

/** One Fourier coefficient, by rotation. `angle` is where the first crest lies. */
function transform(values: Float64Array, frequency: number): { power: number; angle: number } {
  const turn = 2 * Math.PI * frequency;
  const [cosTurn, sinTurn] = [Math.cos(turn), Math.sin(turn)];
  let [cos, sin, real, imaginary] = [1, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    real += values[i] * cos;
    imaginary += values[i] * sin;
    const next = cos * cosTurn - sin * sinTurn;
    sin = sin * cosTurn + cos * sinTurn;
    cos = next;
  }
  return { power: Math.hypot(real, imaginary), angle: Math.atan2(imaginary, real) };
}

/**
 * The pattern's sign along one axis, averaged over each pixel's extent: -1..1.
 * @param scale photo pixels per pixel
 */
function squareWave(length: number, scale: number, period: number, phase: number): Float32Array {
  // The running integral of a square wave is a triangle wave.
  const triangle = (x: number) => {
    const u = ((((x - phase) / period) % 2) + 2) % 2;
    return period * (u < 1 ? u : 2 - u);
  };
  return Float32Array.from({ length }, (_, i) => (triangle((i + 1) * scale) - triangle(i * scale)) / scale);
}

function measureTones({ width, height, scale, rgb }: WorkImage, checker: Checker, depth: number): boolean {
  const signX = squareWave(width, scale, checker.period[0], checker.phase[0]);
  const signY = squareWave(height, scale, checker.period[1], checker.phase[1]);
  const counts = new Uint32Array(2 * 3 * 256);
  for (let y = 0; y < height; y++) {
    const inner = y >= depth && y < height - depth;
    for (let x = 0; x < width; x++) {
      if (inner && x === depth) x = Math.max(depth, width - depth);
      const sign = signX[x] * signY[y];
      if (Math.abs(sign) < 0.95) continue;
      const at = (y * width + x) * 3;
      const row = sign > 0 ? 0 : 768;
      counts[row + rgb[at]]++;
      counts[row + 256 + rgb[at + 1]]++;
      counts[row + 512 + rgb[at + 2]]++;
    }
  }
  const channel = (tone: number, c: number) =>
    counts.subarray((tone * 3 + c) * 256, (tone * 3 + c + 1) * 256);
  checker.tones = [0, 1].map((tone) => [0, 1, 2].map((c) => median(channel(tone, c)))) as Checker['tones'];
  const contrast = Math.abs(checker.tones[0][1] - checker.tones[1][1]);
  if (contrast < MIN_CONTRAST) return false;
  let seen = 0;
  let fit = 0;
  for (const tone of [0, 1]) {
    channel(tone, 1).forEach((count, value) => {
      seen += count;
      if (Math.abs(value - checker.tones[tone][1]) < Math.max(2, contrast * 0.3)) fit += count;
    });
  }
  return seen >= 100 && fit > MIN_SHARE * seen;
}

/** @param counts how often each value occurs */
function median(counts: Uint32Array): number {
  const half = counts.reduce((sum, count) => sum + count, 0) / 2;
  let seen = 0;
  return Math.max(
    0,
    counts.findIndex((count) => (seen += count) > half),
  );
}

/** Divides the pattern out of one picture, row by row. */
export interface Evener {
  /**
   * Makes the backdrop the darker tone everywhere. What covers the pattern keeps an inverse imprint of it,
   * which tells it from backdrop even where it has a tone's very colour.
   * @param rgb interleaved, whole picture
   * @param row which row to read
   * @param out where that row goes
   */
  even(rgb: Uint8Array, row: number, out: Uint8Array): void;
}

/** @param scale photo pixels per pixel of the pictures to come */
export function makeEvener(checker: Checker, width: number, height: number, scale: number): Evener {
  const signX = squareWave(width, scale, checker.period[0], checker.phase[0]);
  const signY = squareWave(height, scale, checker.period[1], checker.phase[1]);
  const boundaryX = boundaries(signX);
  const boundaryY = boundaries(signY);
  const [first, second] = checker.tones;
  const dark = [0, 1, 2].map((c) => Math.min(first[c], second[c]));
  const bright = [0, 1, 2].map((c) => Math.max(first[c], second[c]));
  // By sign in steps of 1/64: what to multiply with.
  const gains = [0, 1, 2].map((c) =>
    Float32Array.from({ length: 129 }, (_, i) => {
      const base = (first[c] + second[c]) / 2 + ((first[c] - second[c]) / 2) * (i / 64 - 1);
      return dark[c] / Math.max(1, base);
    }),
  );
  return {
    even(rgb, row, out) {
      const rowSign = signY[row];
      for (let x = 0, at = row * width * 3, to = 0; x < width; x++, at += 3, to += 3) {
        const step = Math.round((signX[x] * rowSign + 1) * 64);
        const boundary = boundaryX[x] || boundaryY[row];
        for (let c = 0; c < 3; c++) {
          const value = rgb[at + c];
          // Squares blur into each other at their boundaries: anything between the tones will do there.
          if (boundary && value >= dark[c] - 1 && value <= bright[c] + 1) out[to + c] = dark[c];
          else out[to + c] = Math.min(255, value * gains[c][step] + 0.5);
        }
      }
    },
  };
}

function boundaries(sign: Float32Array): Uint8Array {
  return Uint8Array.from(sign, (own, at) =>
    Math.abs(own) < 0.999 || sign[at - 1] * own < 0 || sign[at + 1] * own < 0 ? 1 : 0,
  );
}

/** The whole work image without the pattern. */
export function evenOut(work: WorkImage, checker: Checker): WorkImage {
  const { width, height, scale } = work;
  const evener = makeEvener(checker, width, height, scale);
  const rgb = new Uint8Array(work.rgb.length);
  for (let y = 0; y < height; y++) evener.even(work.rgb, y, rgb.subarray(y * width * 3, (y + 1) * width * 3));
  return { ...work, rgb };
}
