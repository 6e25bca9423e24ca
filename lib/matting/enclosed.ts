import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import { findRegions, gaussianBlur, resizeAlpha, resizeRgb, rgbToLab } from '../image';
import { checkSizes } from './hidden';

/** Longer side of the picture that is looked at, pixels. */
const SIDE = 320;
/** Standard deviation of the weights that the ground around counts with, as a share of the longer side. */
const REACH = 0.12;
/** Side of a cell, in which the ground is summed, pixels. */
const CELL = 4;
/** Differences in Lab (CIE76): those of one colour, of another one, and within ground that tells nothing. */
const [SAME, OTHER, BUSY] = [4, 8, 8];
/** Share of a place's surroundings that is of another colour: what fades into the product is a reflection. */
const CLOSED = 0.75;
/** Share of a place's surroundings that is no product: what touches the outline is for the cut to decide. */
const OPEN = 0.05;
/** Alpha up to which a pixel is ground; weight of the ground below which there is none in reach. */
const [GROUND, FAINT] = [7, 1e-3];
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
  const { away, spread, lightness, cellOf } = groundAt(lab, matte, width, height);
  const alike = matte.map((value, i) => (value > 250 && away[i] <= SAME ? 1 : 0));
  const { areas, atBorder, starts, ends, of } = findRegions(alike, width, height, { from: 1, to: 1 });
  const least = Math.max(FEWEST, LEAST * matte.reduce((sum, value) => sum + Number(value > 127), 0));
  const found: { pixels: number[]; certain: boolean }[] = [];
  for (const [region, area] of areas.entries()) {
    if (atBorder[region] || area < least) continue;
    const pixels: number[] = [];
    for (const [run, owner] of of.entries())
      if (owner === region) for (let i = starts[run]; i < ends[run]; i++) pixels.push(i);
    const cells = pixels.map((i) => cellOf[i]);
    if (mean(cells, spread) > BUSY) continue;
    const rim = surroundings(pixels, width, height);
    const open = rim.filter((i) => matte[i] < 200).length;
    const other = rim.filter((i) => away[i] > Math.max(OTHER, 2 * spread[cellOf[i]])).length;
    if (open > OPEN * rim.length || other < CLOSED * rim.length) continue;
    const level = mean(cells, lightness);
    found.push({ pixels, certain: level > CLIPPED[0] && level < CLIPPED[1] });
  }
  if (!found.length) return undefined;
  const [{ pixels }] = found.sort((a, b) => b.pixels.length - a.pixels.length);
  const largest = boxOf(pixels, width).map((value) => Math.round(value * scale)) as BoundingBox;
  return { places: found.length, largest, certain: found.some(({ certain }) => certain) };
}

/**
 * The ground as it would be at every pixel, by those around (normalised convolution). It changes so slowly that cells of
 * pixels will do.
 * @returns how far each pixel is from it, in Lab; by cell, its own spread in Lab and its lightness 0..100, Infinity and
 *   NaN where no ground is in reach; and the cell of each pixel
 */
function groundAt(lab: Float32Array, matte: Uint8Array, width: number, height: number) {
  const columns = Math.ceil(width / CELL);
  const rows = Math.ceil(height / CELL);
  const cellOf = new Uint16Array(matte.length);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / CELL) * columns;
    for (let x = 0; x < width; x++, i++) cellOf[i] = row + Math.floor(x / CELL);
  }
  const [count, l, a, b, squares] = Array.from({ length: 5 }, () => new Float32Array(columns * rows));
  const spreadOut = (sums: Float32Array) =>
    gaussianBlur(sums, columns, rows, (REACH * Math.max(width, height)) / CELL);

  for (let i = 0, at = 0; i < matte.length; i++, at += 3) {
    if (matte[i] > GROUND) continue;
    const cell = cellOf[i];
    count[cell]++;
    l[cell] += lab[at];
    a[cell] += lab[at + 1];
    b[cell] += lab[at + 2];
  }
  const weight = spreadOut(count);
  const mean = (sums: Float32Array) =>
    spreadOut(sums).map((sum, cell) => (weight[cell] > FAINT ? sum / weight[cell] : Infinity));
  const [lightness, green, blue] = [l, a, b].map(mean);
  const away = new Float32Array(matte.length);
  for (let i = 0, at = 0; i < matte.length; i++, at += 3) {
    const cell = cellOf[i];
    const [dl, da, db] = [lab[at] - lightness[cell], lab[at + 1] - green[cell], lab[at + 2] - blue[cell]];
    const square = dl * dl + da * da + db * db;
    away[i] = Math.sqrt(square);
    if (matte[i] <= GROUND) squares[cell] += square;
  }
  return { away, spread: mean(squares).map(Math.sqrt), lightness, cellOf };
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

function mean(places: number[], values: Float32Array): number {
  return places.reduce((sum, i) => sum + values[i], 0) / places.length;
}
