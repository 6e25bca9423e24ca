import { type Alpha, type RgbImage, throwIfAborted } from '../../contracts';
import { checkSizes } from '../hidden';
import { FOREGROUND, UNKNOWN } from '../trimap';
import { matteSystem } from './laplacian';
import { type Pause, pauses } from './pause';
import { type Rect, grow, tiles } from './rect';
import { solve } from './solve';

/** Unknown pixels that are solved at once: about 400 MB. */
const MOST_UNKNOWN = 400_000;
/** Pixels that a tile sees beyond its own. */
const MARGIN = 48;

export interface ClosedFormOptions {
  /** Of the residual's norm, as a share of the right side's. Default 1e-7. */
  tolerance?: number;
  /**
   * Most unknown pixels in one system, which bounds the memory: about 1 KB each. Where there are more, the picture is
   * solved at half its size first, and then tile by tile with that as what lies around each. Default 400 000.
   */
  mostUnknown?: number;
  signal?: AbortSignal;
}

/** A picture with what is known of its matte. */
interface Problem {
  image: RgbImage;
  /** 0..1, meaningful where known. */
  alpha: Float32Array;
  /** 1 where alpha is to be found. */
  unknown: Uint8Array;
}

/**
 * Closed-form matting: the alpha of a trimap's unknown pixels, such that in every 3 x 3 window it is as nearly as possible
 * a linear function of the colours (A. Levin, D. Lischinski and Y. Weiss, CVPR 2006). Known pixels come out as they are.
 * @param trimap 255 product, 128 unknown, any other value backdrop
 * @throws VitrineError INVALID_PARAMETER when the sizes differ; CANCELLED
 */
export async function closedForm(
  image: RgbImage,
  trimap: Alpha,
  { tolerance = 1e-7, mostUnknown = MOST_UNKNOWN, signal }: ClosedFormOptions = {},
): Promise<Alpha> {
  const { width, height } = image;
  checkSizes(image, trimap, 'trimap');
  if (signal) throwIfAborted(signal);
  const alpha = new Float32Array(width * height);
  const unknown = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    if (trimap.data[i] === FOREGROUND) alpha[i] = 1;
    else if (trimap.data[i] === UNKNOWN) unknown[i] = 1;
  }
  await fill({ image, alpha, unknown }, { tolerance, mostUnknown, pause: pauses(signal) });
  const data = new Uint8Array(alpha.length);
  for (let i = 0; i < data.length; i++) {
    const value = alpha[i];
    data[i] = value <= 0 ? 0 : value >= 1 ? 255 : value * 255 + 0.5;
  }
  return { data, width, height };
}

interface Settings {
  tolerance: number;
  mostUnknown: number;
  pause: Pause;
}

/** Finds the unknown alpha, in place. */
async function fill(problem: Problem, settings: Settings): Promise<void> {
  const { image, unknown } = problem;
  const { width, height } = image;
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const parts = tiles(unknown, width, whole, settings.mostUnknown);
  if (parts.length === 1) return fillTile(problem, whole, whole, settings);
  if (!parts.length) return;
  const half = halve(problem);
  await fill(half, settings);
  enlarge(half, problem);
  for (const part of parts) await fillTile(problem, part, grow(part, MARGIN, width, height), settings);
}

/** Solves within `around` and keeps what lies in `part`. */
async function fillTile(
  { image, alpha, unknown }: Problem,
  part: Rect,
  around: Rect,
  { tolerance, pause }: Settings,
): Promise<void> {
  const system = matteSystem(image, alpha, unknown, around);
  const { x } = await solve(system, tolerance, pause);
  for (let i = 0; i < system.size; i++) {
    const column = system.xs[i];
    const row = system.ys[i];
    if (column < part.left || column >= part.right || row < part.top || row >= part.bottom) continue;
    alpha[row * image.width + column] = x[i];
  }
}

/** The same at half the size: means of 2 x 2 pixels, unknown where any is or where they differ. */
function halve({ image, alpha, unknown }: Problem): Problem {
  const width = Math.ceil(image.width / 2);
  const height = Math.ceil(image.height / 2);
  const small: Problem = {
    image: { data: new Uint8Array(width * height * 3), width, height },
    alpha: new Float32Array(width * height),
    unknown: new Uint8Array(width * height),
  };
  for (let y = 0, to = 0; y < height; y++) {
    const upper = 2 * y * image.width;
    const lower = Math.min(2 * y + 1, image.height - 1) * image.width;
    for (let x = 0; x < width; x++, to++) {
      const left = 2 * x;
      const right = Math.min(left + 1, image.width - 1);
      const a = upper + left;
      const b = upper + right;
      const c = lower + left;
      const d = lower + right;
      small.alpha[to] = alpha[a];
      const differ = alpha[a] !== alpha[b] || alpha[a] !== alpha[c] || alpha[a] !== alpha[d];
      if (differ || unknown[a] || unknown[b] || unknown[c] || unknown[d]) small.unknown[to] = 1;
      for (let channel = 0; channel < 3; channel++) {
        const sum =
          image.data[a * 3 + channel] +
          image.data[b * 3 + channel] +
          image.data[c * 3 + channel] +
          image.data[d * 3 + channel];
        small.image.data[to * 3 + channel] = sum / 4 + 0.5;
      }
    }
  }
  return small;
}

/** Linear interpolation of the half-sized alpha into the unknown pixels. */
function enlarge(small: Problem, { image, alpha, unknown }: Problem): void {
  const { width, height } = small.image;
  for (let y = 0, at = 0; y < image.height; y++) {
    const v = Math.min(height - 1, Math.max(0, y / 2 - 0.25));
    const row = Math.floor(v);
    const down = row + 1 < height ? width : 0;
    for (let x = 0; x < image.width; x++, at++) {
      if (!unknown[at]) continue;
      const u = Math.min(width - 1, Math.max(0, x / 2 - 0.25));
      const column = Math.floor(u);
      const next = column + 1 < width ? 1 : 0;
      const from = row * width + column;
      const above = small.alpha[from] + (small.alpha[from + next] - small.alpha[from]) * (u - column);
      const below =
        small.alpha[from + down] +
        (small.alpha[from + down + next] - small.alpha[from + down]) * (u - column);
      alpha[at] = above + (below - above) * (v - row);
    }
  }
}
