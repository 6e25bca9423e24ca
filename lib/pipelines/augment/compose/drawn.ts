import type { Background, RgbImage, Surface } from '../../../contracts';
import { Random, seedOf } from '../../../augmentation';
import { BACKDROPS, type Size, lookOf } from '../../../backdrops';
import { ditherRow } from '../../../image';

type Drawn = Extract<Background, { kind: 'drawn' }>;

/** What things stand on, and the hues (degrees), saturations and lightnesses (0..1) of it. */
const FLOORS: [
  surface: Surface,
  hue: [number, number],
  saturation: [number, number],
  light: [number, number],
][] = [
  ['paper', [0, 360], [0, 0.35], [0.4, 0.95]],
  ['paper', [20, 60], [0.02, 0.2], [0.7, 0.97]],
  ['wood', [18, 36], [0.25, 0.5], [0.3, 0.62]],
  ['marble', [0, 60], [0, 0.06], [0.82, 0.95]],
  ['linen', [25, 50], [0.08, 0.3], [0.65, 0.9]],
  ['concrete', [20, 220], [0, 0.08], [0.45, 0.8]],
];
/** How much darker a surface's grain is. */
const GRAIN: [number, number] = [0.45, 0.7];
/** Where products stand on it, from the top. */
const STANDS = 0.84;

/** One of a data set's drawn backdrops, by its number. */
export function drawnBackground(seed: number, number: number): Background {
  const random = new Random(seedOf('backdrop', seed, number));
  const look = { kind: 'drawn', horizon: random.uniform(0.42, 0.62), seed: number } as const;
  if (random.uniform() < 0.15) {
    const [hue, saturation] = [random.uniform(0, 360), random.uniform(0, 0.3)];
    const light = random.uniform(0.5, 0.92);
    const colors = [hex(hue, saturation, light), hex(hue, saturation, light - random.uniform(0.08, 0.25))];
    return { ...look, backdrop: 'gradient', surface: 'paper', colors };
  }
  const [surface, ...floor] = random.pick(FLOORS);
  const [hue, saturation, light] = floor.map((range) => random.uniform(...range));
  const base = hex(hue, saturation, light);
  const wall =
    surface === 'paper'
      ? hex(hue, saturation, Math.min(0.98, light * random.uniform(0.85, 1.05)))
      : hex(random.uniform(0, 360), random.uniform(0, 0.22), random.uniform(0.45, 0.92));
  const colors = [wall, base, hex(hue, saturation, light * random.uniform(...GRAIN))];
  return { ...look, backdrop: 'studio', surface, colors };
}

/** A drawn backdrop without any product. */
export async function paintBackground(
  { backdrop, surface, colors, horizon, seed }: Drawn,
  { width, height }: Size,
): Promise<RgbImage> {
  const look = lookOf(backdrop, { surface: surface as Surface, colors, horizon });
  const foot = { x: 0.5 * width, y: STANDS * height, width: 0.35 * width, height: 0.5 * height };
  const painter = await BACKDROPS[backdrop]({ width, height, look, seed, foot });
  const data = new Uint8Array(width * height * 3);
  const row = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    painter.paint(y, row);
    ditherRow(row, width, { x: 0, y }, data, y * width * 3);
  }
  return { data, width, height };
}

/** @param hue degrees; the others 0..1 */
function hex(hue: number, saturation: number, light: number): string {
  const lit = Math.min(1, Math.max(0, light));
  const chroma = saturation * Math.min(lit, 1 - lit);
  const channel = (offset: number) => {
    const turn = (offset + hue / 30) % 12;
    const value = lit - chroma * Math.max(-1, Math.min(turn - 3, 9 - turn, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
