import type { Light } from '../contracts';
import { gaussianBlur } from '../image';
import type { Ground } from './ground';
import { type Plane, type Silhouette, sample } from './silhouette';

/** A length on the floor away from the camera, seen from the height at which products are photographed. */
export const FORESHORTENING = 0.3;
/** Shadows are blurred in layers of height: the higher what throws them, the softer. */
const LAYERS = 5;
/** Standard deviation of the lowest layer, and what a soft lamp adds at the highest one; shares of the product's size. */
const SHARP = 0.005;
const SOFT = 0.075;
/** How much of the shadow of the highest part is left: light comes from all around. */
const HIGHEST = 0.35;
/** Reach of the dark line under the product, and of the glow of darkness around it; shares of the product's size. */
const LINE = 0.005;
const AROUND = 0.03;

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

function castShadow(data: Float32Array, shape: Silhouette, ground: Ground, light: Light): void {
  const { width, height, top, left, right } = shape;
  const { middle } = ground;
  const tall = Math.max(1, middle - top);
  const size = Math.sqrt(tall * Math.max(1, right - left));
  const away = throwOf(light);
  const layers = Array.from({ length: LAYERS }, () => new Float32Array(width * height));
  const [first, last] = [middle - away.up * tall, middle].sort((a, b) => a - b);
  for (let y = Math.max(0, Math.floor(first)); y <= Math.min(height - 1, Math.ceil(last)); y++) {
    const high = (middle - y) / away.up;
    if (high < 0 || high > tall) continue;
    for (let x = 0; x < width; x++) {
      const cover = sample(shape, x - away.right * high, middle - high);
      if (cover === 0) continue;
      const share = high / tall;
      const place = share * (LAYERS - 1);
      const lower = Math.min(LAYERS - 2, place | 0);
      const value = cover * (1 - (1 - HIGHEST) * share);
      const at = y * width + x;
      layers[lower][at] = value * (1 - (place - lower));
      layers[lower + 1][at] = value * (place - lower);
    }
  }
  layers.forEach((layer, index) => {
    const sigma = size * (SHARP + SOFT * light.softness * (index / (LAYERS - 1)) ** 0.8);
    const soft = gaussianBlur(layer, width, height, sigma);
    for (let at = 0; at < soft.length; at++) layers[0][at] = index ? layers[0][at] + soft[at] : soft[at];
  });
  const dark = layers[0];
  for (let at = 0; at < data.length; at++)
    if (dark[at] > 0) data[at] *= 1 - light.shadow * Math.min(1, dark[at]);
}

function contactShadow(data: Float32Array, shape: Silhouette, { floor, touch }: Ground, light: Light): void {
  const { width, height, left, right, top, bottom } = shape;
  const size = Math.sqrt(Math.max(1, bottom - top) * Math.max(1, right - left));
  const parts = [
    { reach: Math.max(0.8, LINE * size), strength: 0.7 },
    { reach: Math.max(1.5, AROUND * size), strength: 0.55 },
  ];
  for (const { reach, strength } of parts) {
    const along = gaussianBlur(touch, width, 1, 0.7 * reach);
    const rows = Math.ceil(3 * reach);
    for (let x = 0; x < width; x++) {
      const dark = light.contact * strength * along[x];
      if (dark < 1e-3) continue;
      // A shade lower than the edge itself, so that no lit line is left between the product and its shadow.
      const line = floor[x] - 0.5;
      const end = Math.min(height - 1, Math.ceil(line + rows));
      for (let y = Math.max(0, Math.floor(line - rows)); y <= end; y++) {
        const off = (y - line) / reach;
        data[y * width + x] *= 1 - dark * Math.exp(-0.5 * off * off);
      }
    }
  }
}
