import { type Alpha, type RgbImage, throwIfAborted } from '../../contracts';
import { checkSizes } from '../hidden';
import { FOREGROUND, UNKNOWN } from '../trimap';
import { matteSystem } from './laplacian';
import { type Prior, type Problem, enlarge, halve } from './halve';
import { type Pause, pauses } from './pause';
import { type Rect, grow, tiles } from './rect';
import { solve } from './solve';
import type { System } from './stencil';

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
  /** A matte that the answer is drawn to; default: none. */
  prior?: Prior;
  signal?: AbortSignal;
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
  { tolerance = 1e-7, mostUnknown = MOST_UNKNOWN, prior, signal }: ClosedFormOptions = {},
): Promise<Alpha> {
  const { width, height } = image;
  checkSizes(image, trimap, 'trimap');
  if (prior) checkSizes(image, prior.matte, 'prior');
  if (signal) throwIfAborted(signal);
  const alpha = new Float32Array(width * height);
  const unknown = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    if (trimap.data[i] === FOREGROUND) alpha[i] = 1;
    else if (trimap.data[i] === UNKNOWN) unknown[i] = 1;
  }
  await fill({ image, alpha, unknown, prior }, { tolerance, mostUnknown, pause: pauses(signal) });
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
  { image, alpha, unknown, prior }: Problem,
  part: Rect,
  around: Rect,
  { tolerance, pause }: Settings,
): Promise<void> {
  const system = matteSystem(image, alpha, unknown, around);
  if (prior) draw(system, prior);
  const { x } = await solve(system, tolerance, pause);
  for (let i = 0; i < system.size; i++) {
    const column = system.xs[i];
    const row = system.ys[i];
    if (column < part.left || column >= part.right || row < part.top || row >= part.bottom) continue;
    alpha[row * image.width + column] = x[i];
  }
}

/** Adds the data term. */
function draw({ size, diagonal, right, xs, ys }: System, { matte, weight }: Prior): void {
  for (let i = 0; i < size; i++) {
    const value = matte.data[ys[i] * matte.width + xs[i]] / 255;
    const own = weight * (2 * value - 1) ** 2;
    diagonal[i] += own;
    right[i] += own * value;
  }
}
