import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import { findRegions, gaussianBlur, resizeAlpha, resizeRgb, rgbToLab } from '../image';
import { checkSizes } from './hidden';

/** Longer side of the picture that is looked at, pixels. */
const SIDE = 320;
/** Standard deviation of the weights that the ground around counts with, as a share of the longer side. */
const REACH = 0.12;
/** Differences in Lab (CIE76): those of one colour, of another one, and within ground that tells nothing. */
const [SAME, OTHER, BUSY] = [4, 8, 8];
/** Share of a place's surroundings that is of another colour: what fades into the product is a reflection. */
const CLOSED = 0.75;
/** Share of a place's surroundings that is no product: what touches the outline is for the cut to decide. */
const OPEN = 0.05;
/** Pixels of a place at least, and its share of the product. */
const [FEWEST, LEAST] = [12, 0.003];
/** Lightness beyond which black and white are clipped: a label of that colour looks the same as the ground. */
const CLIPPED = [1.5, 99];

/** Places inside a product that look like what is behind it. */
export interface EnclosedGround {
  places: number;
  /** Around the largest, pixels of the picture. */
  largest: BoundingBox;
  /** Whether the ground there is more than plain black or white, which products have as well. */
  certain: boolean;
}

/**
 * Looks for ground that was left inside a product, such as what is seen through a handle: places of the ground's colour
 * that end sharply all around.
 * @param alpha of the picture's size
 * @returns undefined where there is none, or the ground is too busy to tell
 */
export async function enclosedGround(image: RgbImage, alpha: Alpha): Promise<EnclosedGround | undefined> {
  checkSizes(image, alpha);
  const scale = Math.max(1, Math.max(image.width, image.height) / SIDE);
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side / scale)));
  const lab = rgbToLab((await resizeRgb(image, width, height)).data);
  const matte = (await resizeAlpha(alpha, width, height, 'linear')).data;
  const { away, spread, lightness } = groundAt(lab, matte, width, height);
  const alike = matte.map((value, i) => (value > 250 && away[i] <= SAME ? 1 : 0));
  const { areas, atBorder, starts, ends, of } = findRegions(alike, width, height, { from: 1, to: 1 });
  const least = Math.max(FEWEST, LEAST * matte.reduce((sum, value) => sum + Number(value > 127), 0));
  const found: { pixels: number[]; certain: boolean }[] = [];
  for (const [region, area] of areas.entries()) {
    if (atBorder[region] || area < least) continue;
    const pixels: number[] = [];
    for (const [run, owner] of of.entries())
      if (owner === region) for (let i = starts[run]; i < ends[run]; i++) pixels.push(i);
    if (mean(pixels, spread) > BUSY) continue;
    const rim = surroundings(pixels, width, height);
    const open = rim.filter((i) => matte[i] < 200).length;
    const other = rim.filter((i) => away[i] > Math.max(OTHER, 2 * spread[i])).length;
    if (open > OPEN * rim.length || other < CLOSED * rim.length) continue;
    const level = mean(pixels, lightness);
    found.push({ pixels, certain: level > CLIPPED[0] && level < CLIPPED[1] });
  }
  if (!found.length) return undefined;
  const [{ pixels }] = found.sort((a, b) => b.pixels.length - a.pixels.length);
  const largest = boxOf(pixels, width).map((value) => Math.round(value * scale)) as BoundingBox;
  return { places: found.length, largest, certain: found.some(({ certain }) => certain) };
}

/**
 * The ground as it would be at every pixel, by those around (normalised convolution).
 * @returns how far each pixel is from it, its own spread, both in Lab, and its lightness 0..100
 */
function groundAt(lab: Float32Array, matte: Uint8Array, width: number, height: number) {
  const sigma = REACH * Math.max(width, height);
  const isGround = Float32Array.from(matte, (value) => Number(value < 8));
  const weight = gaussianBlur(isGround, width, height, sigma);
  const blurred = (value: (i: number) => number) =>
    gaussianBlur(
      isGround.map((ground, i) => (ground ? value(i) : 0)),
      width,
      height,
      sigma,
    ).map((sum, i) => (weight[i] > 1e-4 ? sum / weight[i] : Infinity));
  const [l, a, b] = [0, 1, 2].map((channel) => blurred((i) => lab[3 * i + channel]));
  const away = l.map((light, i) =>
    Math.hypot(lab[3 * i] - light, lab[3 * i + 1] - a[i], lab[3 * i + 2] - b[i]),
  );
  const spread = blurred((i) => away[i] ** 2).map(Math.sqrt);
  return { away, spread, lightness: l };
}

/** Pixels two steps around others, which may be half of a colour and half of another one step away. */
function surroundings(pixels: number[], width: number, height: number): number[] {
  const inside = new Set(pixels);
  const around = new Set<number>();
  for (const i of pixels) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (const [dx, dy] of NEIGHBOURS) {
      const [u, v] = [x + dx, y + dy];
      const other = v * width + u;
      if (u >= 0 && u < width && v >= 0 && v < height && !inside.has(other)) around.add(other);
    }
  }
  return [...around];
}

const NEIGHBOURS = [
  [-2, 0],
  [2, 0],
  [0, -2],
  [0, 2],
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
];

function boxOf(pixels: number[], width: number): BoundingBox {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const i of pixels) {
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  return [left, top, right - left + 1, bottom - top + 1];
}

function mean(pixels: number[], values: Float32Array): number {
  return pixels.reduce((sum, i) => sum + values[i], 0) / pixels.length;
}
