import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import { type Regions, findRegions, gaussianBlur, resizeAlpha, resizeRgb, rgbToLab } from '../image';
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
  const ground = new Ground(lab, matte, width, height);
  const alike = new Uint8Array(matte.length);
  let product = 0;
  for (let i = 0; i < matte.length; i++) {
    if (matte[i] > 127) product++;
    if (matte[i] > 250 && ground.away(i) <= SAME) alike[i] = 1;
  }
  const regions = findRegions(alike, width, height, { from: 1, to: 1 });
  const places = placesOf(regions, Math.max(FEWEST, LEAST * product));
  if (!places.length) return undefined;
  const spread = ground.spread();
  const found: { pixels: number[]; certain: boolean }[] = [];
  for (const pixels of places) {
    const cells = pixels.map((i) => ground.cellOf[i]);
    if (mean(cells, spread) > BUSY) continue;
    const rim = surroundings(pixels, width, height);
    const open = rim.filter((i) => matte[i] < 200).length;
    const other = rim.filter((i) => ground.away(i) > Math.max(OTHER, 2 * spread[ground.cellOf[i]])).length;
    if (open > OPEN * rim.length || other < CLOSED * rim.length) continue;
    const level = mean(cells, ground.lightness);
    found.push({ pixels, certain: level > CLIPPED[0] && level < CLIPPED[1] });
  }
  if (!found.length) return undefined;
  const [{ pixels }] = found.sort((a, b) => b.pixels.length - a.pixels.length);
  const largest = boxOf(pixels, width).map((value) => Math.round(value * scale)) as BoundingBox;
  return { places: found.length, largest, certain: found.some(({ certain }) => certain) };
}

/** Pixels of the regions that have at least so many of them and do not touch the picture's border. */
function placesOf({ areas, atBorder, starts, ends, of }: Regions, least: number): number[][] {
  const places = Array.from(areas, (area, region) => (atBorder[region] || area < least ? undefined : []));
  for (const [run, region] of of.entries())
    for (let i = starts[run]; i < ends[run]; i++) (places[region] as number[] | undefined)?.push(i);
  return places.filter((pixels) => pixels !== undefined);
}

/**
 * The ground as it would be at every pixel, by those around (normalised convolution). It changes so slowly that cells of
 * pixels will do.
 */
class Ground {
  /** The cell of each pixel. */
  readonly cellOf: Uint16Array;
  /** 0..100, by cell; Infinity where no ground is in reach. */
  readonly lightness: Float32Array;
  private readonly a: Float32Array;
  private readonly b: Float32Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly weight: Float32Array;
  private readonly sigma: number;

  /** @param lab interleaved */
  constructor(
    private readonly lab: Float32Array,
    private readonly matte: Uint8Array,
    width: number,
    height: number,
  ) {
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.sigma = (REACH * Math.max(width, height)) / CELL;
    this.cellOf = new Uint16Array(matte.length);
    const [count, l, a, b] = [0, 1, 2, 3].map(() => new Float32Array(this.columns * this.rows));
    for (let y = 0, i = 0; y < height; y++) {
      const row = Math.floor(y / CELL) * this.columns;
      for (let x = 0; x < width; x++, i++) {
        const cell = row + Math.floor(x / CELL);
        this.cellOf[i] = cell;
        if (matte[i] > GROUND) continue;
        count[cell]++;
        l[cell] += lab[3 * i];
        a[cell] += lab[3 * i + 1];
        b[cell] += lab[3 * i + 2];
      }
    }
    this.weight = this.spreadOut(count);
    [this.lightness, this.a, this.b] = [l, a, b].map((sums) => this.mean(sums));
  }

  /** How far a pixel is from the ground there, in Lab; Infinity or NaN where none is in reach. */
  away(i: number): number {
    return Math.sqrt(this.square(i));
  }

  /** How far the ground's own pixels are from it, in Lab, by cell. */
  spread(): Float32Array {
    const squares = new Float32Array(this.weight.length);
    for (let i = 0; i < this.matte.length; i++)
      if (this.matte[i] <= GROUND) squares[this.cellOf[i]] += this.square(i);
    return this.mean(squares).map(Math.sqrt);
  }

  private square(i: number): number {
    const cell = this.cellOf[i];
    const l = this.lab[3 * i] - this.lightness[cell];
    const a = this.lab[3 * i + 1] - this.a[cell];
    const b = this.lab[3 * i + 2] - this.b[cell];
    return l * l + a * a + b * b;
  }

  private mean(sums: Float32Array): Float32Array {
    const { weight } = this;
    return this.spreadOut(sums).map((sum, cell) => (weight[cell] > FAINT ? sum / weight[cell] : Infinity));
  }

  private spreadOut(sums: Float32Array): Float32Array {
    return gaussianBlur(sums, this.columns, this.rows, this.sigma);
  }
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
