import type { Light } from '../contracts';
import { gaussianBlur } from '../image';
import type { Ground } from './ground';
import { type Plane, type Silhouette, blurPart, sample } from './silhouette';

/** A length on the floor away from the camera, seen from the height at which products are photographed. */
export const FORESHORTENING = 0.3;
/** Shadows are blurred in layers of height: the higher what throws them, the softer. */
const LAYERS = 5;
/** Standard deviation of the lowest layer, and what a soft lamp adds at the highest one; shares of the product's size. */
const SHARP = 0.005;
const SOFT = 0.11;
/** How much of the shadow of the highest part is left: light comes from all around. */
const HIGHEST = 0.35;
/** Cells that a floor may differ by and still be the same one: a product in front throws nothing of one behind it. */
const SAME = 2;
/** Reach of the dark line under the product, and of the glow of darkness around it; shares of the product's size. */
const LINE = 0.005;
const AROUND = 0.03;
/** Height above the floor, as a share of the product's size, at which a third is left of the darkness below it. */
const UNDER = 0.07;

/** Where a point of height 1 throws its shadow, in heights: to the right, and up in the picture. */
export function throwOf({ azimuth, elevation }: Light): { right: number; up: number } {
  const angle = (azimuth * Math.PI) / 180;
  const length = 1 / Math.tan((Math.min(elevation, 85) * Math.PI) / 180);
  const up = Math.cos(angle) * length * FORESHORTENING;
  // Never quite flat: a line is no shadow.
  return { right: -Math.sin(angle) * length, up: up < 0 ? Math.min(up, -0.04) : Math.max(up, 0.04) };
}

/**
 * The light that a product leaves on its floor, 0 (none) to 1 (all), from its shape and the lamp: a cast shadow that
 * lies away from the lamp and grows softer with height, and a dark line where it stands.
 * @returns a plane in the cells of the silhouette
 */
export function shadowOf(shape: Silhouette, ground: Ground, light: Light): Plane {
  const { width, height } = shape;
  const data = new Float32Array(width * height).fill(1);
  if (light.shadow > 0) castShadow(data, shape, ground, light);
  if (light.contact > 0) contactShadow(data, shape, ground, light);
  return { data, width, height };
}

function castShadow(data: Float32Array, shape: Silhouette, { middle }: Ground, light: Light): void {
  const { width, height, top, left, right } = shape;
  const lowest = middle.reduce((low, line) => Math.max(low, line));
  const highest = middle.reduce((high, line) => Math.min(high, line));
  const tall = Math.max(1, lowest - top);
  const size = Math.sqrt(tall * Math.max(1, right - left));
  const away = throwOf(light);
  const sigmas = Array.from({ length: LAYERS }, (_, layer) => {
    const share = layer / (LAYERS - 1);
    return size * (SHARP + SOFT * light.softness * share ** 0.8);
  });
  // The floor is drawn as seen from above, where blur is round, and lies down afterwards.
  const reach = away.up * tall;
  const margin = 3 * FORESHORTENING * sigmas[LAYERS - 1];
  const first = Math.max(0, Math.floor(Math.min(highest, highest - reach) - margin));
  const last = Math.min(height - 1, Math.ceil(Math.max(lowest, lowest - reach) + margin));
  const rows = Math.ceil((last - first) / FORESHORTENING) + 1;
  const layers = sigmas.map(() => new Float32Array(width * rows));
  const column = (x: number) => Math.min(width - 1, Math.max(0, Math.round(x)));
  // Nothing is thrown beyond where the top corners' shadows lie.
  const drift = away.right * tall;
  const from = column(Math.floor(left + Math.min(0, drift)) - 1);
  const to = column(Math.ceil(right + Math.max(0, drift)) + 1);
  for (let row = 0; row < rows; row++) {
    const y = first + row * FORESHORTENING;
    for (let x = from, at = row * width + from; x <= to; x++, at++) {
      // The floor is that of what throws the shadow, not that under it.
      const line = middle[column(x - (away.right * (middle[x] - y)) / away.up)];
      const high = (line - y) / away.up;
      if (high < 0 || high > tall) continue;
      const foot = x - away.right * high;
      if (Math.abs(middle[column(foot)] - line) > SAME) continue;
      const cover = sample(shape, foot, line - high);
      if (cover === 0) continue;
      const share = high / tall;
      const place = share * (LAYERS - 1);
      const lower = Math.min(LAYERS - 2, place | 0);
      const value = cover * (1 - (1 - HIGHEST) * share);
      layers[lower][at] = value * (1 - (place - lower));
      layers[lower + 1][at] = value * (place - lower);
    }
  }
  const dark: Plane = { data: new Float32Array(width * rows), width, height: rows };
  for (const [index, layer] of layers.entries()) {
    const soft = blurPart({ data: layer, width, height: rows }, sigmas[index]).data;
    for (let at = 0; at < soft.length; at++) dark.data[at] += soft[at];
  }
  for (let y = first; y <= last; y++) {
    const row = (y - first) / FORESHORTENING;
    for (let x = 0; x < width; x++) {
      data[y * width + x] *= 1 - light.shadow * Math.min(1, sample(dark, x, row));
    }
  }
}

function contactShadow(data: Float32Array, shape: Silhouette, ground: Ground, light: Light): void {
  const { left, right, top, bottom } = shape;
  const { floor, touch, gap } = ground;
  const size = Math.sqrt(Math.max(1, bottom - top) * Math.max(1, right - left));
  const line = Math.max(0.8, LINE * size);
  const around = Math.max(1.5, AROUND * size);
  // A shade higher than the edge itself, so that no lit line is left between the product and its shadow.
  const edge = floor.map((y) => y - 0.5);
  spread(data, shape, { edge, weight: touch, reach: line, strength: 0.7 * light.contact });
  spread(data, shape, { edge, weight: touch, reach: around, strength: 0.55 * light.contact });
  // What hangs close above the floor keeps light from it, too.
  const under = gap.map((high) => Math.exp(-high / (UNDER * size)));
  spread(data, shape, {
    edge: ground.middle,
    weight: under,
    reach: 1.6 * around,
    strength: 0.45 * light.contact,
  });
}

interface Spread {
  /** The line in cells that it is darkest on, and how dark, 0..1, column by column. */
  edge: Float32Array;
  weight: Float32Array;
  /** Standard deviation in cells. */
  reach: number;
  strength: number;
}

function spread(
  data: Float32Array,
  { width, height }: Silhouette,
  { edge, weight, reach, strength }: Spread,
): void {
  const along = gaussianBlur(weight, width, 1, 0.7 * reach);
  const rows = Math.ceil(3 * reach);
  for (let x = 0; x < width; x++) {
    const dark = strength * along[x];
    if (dark < 1e-3) continue;
    const end = Math.min(height - 1, Math.ceil(edge[x] + rows));
    for (let y = Math.max(0, Math.floor(edge[x] - rows)); y <= end; y++) {
      const off = (y - edge[x]) / reach;
      data[y * width + x] *= 1 - dark * Math.exp(-0.5 * off * off);
    }
  }
}
