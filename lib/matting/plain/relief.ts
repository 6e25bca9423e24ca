import { boxBlur } from '../../image';
import { sharedArena } from '../../kernels';
import { TOLERANCE, type BorderModel } from './border';
import { erode, type Size } from '../squares';
import { distanceTo, type Surface } from './surface';

/** Where the picture is smooth and where it has edges, per work pixel. */
export interface Relief {
  /** Length of the Lab gradient per pixel. */
  gradient: Float32Array;
  /**
   * How far (L) the lightness departs from its surroundings' mean. Even slopes of light have none of it, faint
   * outlines do, on both sides.
   */
  detail: Float32Array;
  /** Detail under which a pixel is as smooth as the rim of the picture is. */
  smoothDetail: number;
  /** Gradient under which a pixel is as even as the rim of the picture is. */
  smoothSlope: number;
  /** Upper quartile of the detail along the rim: over about 0.5 it is textured. */
  roughness: number;
}

/** Work pixels along the rim that are taken as a sample of bare backdrop. */
const RIM = 12;
const SAMPLES = 5000;
/** Share of the bare rim that must lie apart from everything else to stand for all of it. */
const ENOUGH = 0.5;
/** Detail always taken for noise. */
const LEAST_DETAIL = 0.25;
const MOST_DETAIL = 1.2;

/**
 * @param lab interleaved
 * @param radius of the surroundings, work pixels
 */
export function measureRelief(
  lab: Float32Array,
  { surface }: BorderModel,
  width: number,
  height: number,
  radius: number,
): Relief {
  const lightness = new Float32Array(width * height);
  for (let i = 0; i < lightness.length; i++) lightness[i] = lab[i * 3];
  const detail = boxBlur(lightness, width, height, 1);
  const around = boxBlur(lightness, width, height, radius);
  for (let i = 0; i < detail.length; i++) detail[i] = Math.abs(detail[i] - around[i]);
  const gradient = measureGradient(lab, width, height);
  const bare = bareRim(lab, surface, { width, height }, radius);
  const details = valuesAt(detail, bare);
  const slopes = valuesAt(gradient, bare);
  const noise = Math.max(quantile(details, 0.9) * 1.6, quantile(details, 0.75) * 2.4);
  return {
    gradient,
    smoothSlope: Math.min(1.2, Math.max(0.3, 1.5 * quantile(slopes, 0.9))),
    detail,
    smoothDetail: Math.min(MOST_DETAIL, Math.max(LEAST_DETAIL, 0.05 + noise)),
    roughness: quantile(details, 0.75),
  };
}

/**
 * The rim's pixels that have the backdrop's colour; where there are enough, only those that nothing else comes near:
 * a product close to the rim is no texture of the backdrop.
 */
function bareRim(lab: Float32Array, surface: Surface, size: Size, radius: number): Int32Array {
  const { width, height } = size;
  const depth = RIM + radius;
  const bare = new Uint8Array(width * height).fill(1);
  const found: number[] = [];
  for (let y = 0; y < height; y++) {
    const inner = y >= depth && y < height - depth;
    for (let x = 0; x < width; x++) {
      if (inner && x === depth) x = Math.max(depth, width - depth);
      const i = y * width + x;
      const off = distanceTo(surface, (2 * x + 1) / width - 1, (2 * y + 1) / height - 1, lab, i * 3);
      if (off >= TOLERANCE) bare[i] = 0;
      else if (Math.min(x, y, width - 1 - x, height - 1 - y) < RIM) found.push(i);
    }
  }
  const clear = erode(bare, size, radius + 1);
  const apart = found.filter((i) => clear[i]);
  return Int32Array.from(apart.length >= ENOUGH * found.length ? apart : found);
}

/** In ascending order; of very many, every so many. */
function valuesAt(values: Float32Array, at: Int32Array): Float32Array {
  const step = Math.max(1, Math.ceil(at.length / SAMPLES));
  const taken = new Float32Array(Math.ceil(at.length / step));
  for (let n = 0; n < taken.length; n++) taken[n] = values[at[n * step]];
  return taken.sort();
}

function quantile(ascending: Float32Array, share: number): number {
  return ascending.length ? ascending[Math.floor(share * (ascending.length - 1))] : 0;
}

function measureGradient(lab: Float32Array, width: number, height: number): Float32Array {
  const arena = sharedArena();
  return arena.scope(() => {
    const [colours, gradient] = [arena.put(lab), arena.take(width * height * 4)];
    arena.kernels.measureGradient(colours, width, height, gradient);
    return arena.floats(gradient, width * height).slice();
  });
}
