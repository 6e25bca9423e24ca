import type { Alpha, Blend, Composition, RgbImage } from '../../../contracts';
import { Random } from '../../../augmentation';
import { type Size, softenEdges } from '../../../backdrops';
import { LINEAR, boxBlur, fromLinear } from '../../../image';
import type { Laid } from './lay';

/** How something is laid over a picture. */
export interface Laying {
  /** Factors of its linear light. */
  gains: readonly number[];
  /** Standard deviation of the noise that is added to it, in levels. */
  noise: number;
  /** Mean levels of the background around. */
  around: readonly number[];
  mode: Blend;
  /** Of the noise. */
  seed: number;
}

/** How much of the light around an edge takes on that is wrapped in it, and how far, as a share of the product's size. */
const [WRAP, WRAP_REACH] = [0.22, 0.02];
/** Less noise than this is not seen. */
const SEEN = 0.5;
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
  const side = Math.max(frame.width, frame.height);
  const reach = (softness * side) / 1000;
  const soft = new Uint8Array(data.length);
  switch (mode) {
    case 'hard':
      for (let at = 0; at < soft.length; at++) soft[at] = data[at] >= 128 ? 255 : 0;
      return { data: soft, width, height };
    case 'gaussian':
      return softenEdges(alpha, side, (1000 * reach * reach) / side);
    case 'feather': {
      const blurred = boxBlur(data, width, height, Math.max(1, Math.round(reach)));
      for (let at = 0; at < soft.length; at++) soft[at] = Math.min(data[at], blurred[at]);
      return { data: soft, width, height };
    }
    default:
      return alpha;
  }
}

/** Lays a product over a picture, in place. */
export function lay(image: RgbImage, laid: Laid, { gains, noise, around, mode, seed }: Laying): void {
  const { data, width, height } = image;
  const { data: color, alpha, x, y } = laid;
  const [red, green, blue] = gains.map(litTable);
  const wrap = mode === 'wrap' ? wrapOf(alpha) : undefined;
  const grain = noise >= SEEN ? grainOf(noise) : undefined;
  const linear = mode === 'linear';
  const first = Math.max(0, -x);
  const last = Math.min(alpha.width, width - x);
  let place = seed % TILE;
  for (let line = Math.max(0, -y); line < Math.min(alpha.height, height - y); line++) {
    let pixel = line * alpha.width + first;
    let to = ((line + y) * width + x + first) * 3;
    for (let column = first; column < last; column++, pixel++, to += 3) {
      const cover = alpha.data[pixel];
      if (cover === 0) continue;
      let r = red[color[pixel * 4]];
      let g = green[color[pixel * 4 + 1]];
      let b = blue[color[pixel * 4 + 2]];
      if (wrap) {
        r = (r + (around[0] - r) * wrap[pixel]) | 0;
        g = (g + (around[1] - g) * wrap[pixel]) | 0;
        b = (b + (around[2] - b) * wrap[pixel]) | 0;
      }
      if (grain) {
        if ((place += 3) >= TILE) place -= TILE;
        r = Math.min(255, Math.max(0, r + grain[place])) | 0;
        g = Math.min(255, Math.max(0, g + grain[place + 1])) | 0;
        b = Math.min(255, Math.max(0, b + grain[place + 2])) | 0;
      }
      if (cover === 255) {
        data[to] = r;
        data[to + 1] = g;
        data[to + 2] = b;
      } else if (linear) {
        data[to] = inLinearLight(r, data[to], cover);
        data[to + 1] = inLinearLight(g, data[to + 1], cover);
        data[to + 2] = inLinearLight(b, data[to + 2], cover);
      } else {
        data[to] += ((r - data[to]) * cover) / 255 + 0.5;
        data[to + 1] += ((g - data[to + 1]) * cover) / 255 + 0.5;
        data[to + 2] += ((b - data[to + 2]) * cover) / 255 + 0.5;
      }
    }
  }
}

function inLinearLight(over: number, under: number, cover: number): number {
  const light = LINEAR[under] + ((LINEAR[over] - LINEAR[under]) * cover) / 255;
  return LEVELS[(light * STEPS + 0.5) | 0];
}

/** sRGB levels under a factor of linear light. */
function litTable(gain: number): Uint8Array {
  return Uint8Array.from(LINEAR, (light, level) =>
    gain === 1 ? level : Math.round(255 * fromLinear(Math.min(1, light * gain))),
  );
}

/** How much of the light around each pixel takes on: most at the edge, nothing inside. */
function wrapOf({ data, width, height }: Alpha): Float32Array {
  const radius = Math.max(1, Math.round(WRAP_REACH * Math.max(width, height)));
  const blurred = boxBlur(data, width, height, radius);
  for (let at = 0; at < blurred.length; at++)
    blurred[at] = WRAP * Math.min(1, 2 * Math.max(0, 1 - blurred[at] / 255));
  return blurred;
}

/** Values of the noise, as many as no row of a picture is a divisor of: it does not repeat side by side. */
const TILE = 65_521;
/** Deviations are told apart in steps of this many levels. */
const STEP = 0.5;
const tiles = new Map<number, Int8Array>();

/** Normal noise, the same each time. */
function grainOf(deviation: number): Int8Array {
  const steps = Math.round(deviation / STEP);
  const tile = tiles.get(steps) ?? drawTile(steps * STEP);
  tiles.set(steps, tile);
  return tile;
}

function drawTile(deviation: number): Int8Array {
  const random = new Random(1);
  return Int8Array.from({ length: TILE + 3 }, () => Math.round(random.normal(0, deviation)));
}
