import type { Alpha, Blend, Composition, RgbImage } from '../../../contracts';
import { Random } from '../../../augmentation';
import { type Placed, type Size } from '../../../backdrops';
import { LINEAR, boxBlur, fromLinear, gaussianBlur } from '../../../image';
import { noiseOf } from './noise';

/** Something to be laid over a picture. */
export interface Layer {
  placed: Placed;
  /** Factors of its linear light. */
  gains: readonly number[];
  /** Of the background, in levels. */
  noise: number;
  /** Mean levels of the background around. */
  around: readonly number[];
}

/** How much of the light around an edge takes on that is wrapped in it. */
const WRAP = 0.22;
/** Steps of linear light that are turned back into levels by a table. */
const STEPS = 4096;
const LEVELS = Uint8Array.from({ length: STEPS + 1 }, (_, step) =>
  Math.round(255 * fromLinear(step / STEPS)),
);

/**
 * The edge of a product as its blend wants it. Edges grow softer inwards only: outside there is no colour of the product.
 */
export function softened(alpha: Alpha, { mode, softness }: Composition['blend'], frame: Size): Alpha {
  const { data, width, height } = alpha;
  if (mode === 'hard') return { ...alpha, data: data.map((value) => (value >= 128 ? 255 : 0)) };
  if (mode !== 'gaussian' && mode !== 'feather') return alpha;
  const reach = (softness * Math.max(frame.width, frame.height)) / 1000;
  const soft =
    mode === 'gaussian'
      ? gaussianBlur(data, width, height, Math.max(0.4, reach))
      : boxBlur(data, width, height, Math.max(1, Math.round(reach)));
  return { ...alpha, data: data.map((value, at) => Math.min(value, soft[at])) };
}

/** Lays a product over a picture, in place. */
export function lay(image: RgbImage, layer: Layer, mode: Blend, seed: number): void {
  const { placed, gains, around } = layer;
  const { data, width, height } = image;
  const { alpha, x, y } = placed;
  const color = { ...placed.image, data: placed.image.data.slice() };
  const tables = gains.map(litTable);
  const grain = grainOf(placed, layer.noise, seed);
  const wrap = mode === 'wrap' ? wrapOf(alpha) : undefined;
  const linear = mode === 'linear';
  const first = Math.max(0, -x);
  const last = Math.min(alpha.width, width - x);
  for (let line = Math.max(0, -y); line < Math.min(alpha.height, height - y); line++) {
    let pixel = line * alpha.width + first;
    let to = ((line + y) * width + x + first) * 3;
    for (let column = first; column < last; column++, pixel++, to += 3) {
      const cover = alpha.data[pixel];
      if (cover === 0) continue;
      for (let c = 0; c < 3; c++) {
        let level = tables[c][color.data[pixel * 3 + c]];
        if (wrap) level += (around[c] - level) * wrap[pixel];
        if (grain) level = Math.min(255, Math.max(0, level + grain.at(pixel * 3 + c)));
        if (cover === 255) data[to + c] = level + 0.5;
        else if (linear) data[to + c] = inLinearLight(level, data[to + c], cover);
        else data[to + c] += ((level - data[to + c]) * cover) / 255 + 0.5;
      }
    }
  }
}

function inLinearLight(over: number, under: number, cover: number): number {
  const light = LINEAR[under] + ((LINEAR[over | 0] - LINEAR[under]) * cover) / 255;
  return LEVELS[(light * STEPS + 0.5) | 0];
}

function litTable(gain: number): Float32Array {
  return Float32Array.from(LINEAR, (light) => 255 * fromLinear(Math.min(1, light * gain)));
}

/** How much of the light around each pixel takes on: most at the edge, nothing inside. */
function wrapOf({ data, width, height }: Alpha): Float32Array {
  const radius = Math.max(1, Math.round(0.02 * Math.max(width, height)));
  const blurred = boxBlur(data, width, height, radius);
  return blurred.map((value) => WRAP * Math.min(1, 2 * Math.max(0, 1 - value / 255)));
}

/** Normal noise of deviation 1, as long as two primes have room: rows of it do not repeat side by side. */
const TILE = 65_521;
let tile: Float32Array | undefined;

/** Noise that makes a product as noisy as its background. */
function grainOf({ image }: Placed, noise: number, seed: number): { at(index: number): number } | undefined {
  const own = noiseOf(image);
  const missing = Math.sqrt(Math.max(0, noise * noise - own * own));
  if (missing < 0.5) return undefined;
  const normal = (tile ??= drawTile());
  const start = seed % TILE;
  return { at: (index) => missing * normal[(start + index * 7) % TILE] };
}

function drawTile(): Float32Array {
  const random = new Random(1);
  return Float32Array.from({ length: TILE }, () => random.normal());
}
