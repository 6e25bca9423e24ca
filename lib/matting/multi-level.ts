import { type Alpha, type RgbImage, throwIfAborted } from '../contracts';
import { boundingBox } from '../image';
import { checkSizes, clearHidden } from './hidden';
import { type Sparse, sparse } from './sparse';
import { type Size, dilate } from './squares';

const REGULARISATION = 1e-5;
/** Sides up to this many pixels are solved with more sweeps. */
const SMALL = 32;
const SMALL_SWEEPS = 10;
const LARGE_SWEEPS = 2;
/** Pixels around the soft ones that take part, at every size. */
const REACH = 4;

/** One size of the picture. */
interface Level extends Sparse {
  /** Foreground r, g, b and backdrop r, g, b of each, 0..1. */
  colours: Float32Array;
}

/**
 * Takes the old backdrop out of edge colours, as `decontaminate` does, by multi-level foreground estimation: T. Germer,
 * T. Uelwer, S. Conrad and S. Harmeling, "Fast multi-level foreground estimation", ICPR 2020. From one pixel up to the
 * full size, each pixel's foreground F and backdrop B solve
 * [[a^2 + Sd, a(1-a)], [a(1-a), (1-a)^2 + Sd]] [F, B] = [a I + S d F_n, (1-a) I + S d B_n]
 * over its four neighbours n, with d = 1e-5 + |a - a_n|. Only what lies within a few pixels of soft ones, at each
 * size, is computed.
 *
 * @returns a new picture: opaque pixels as they are, hidden ones 0
 * @throws VitrineError INVALID_PARAMETER when the sizes differ; CANCELLED
 */
export function multiLevelForeground(
  image: RgbImage,
  alpha: Alpha,
  { signal }: { signal?: AbortSignal } = {},
): RgbImage {
  checkSizes(image, alpha);
  const { width, height } = image;
  const data = clearHidden(image, alpha, boundingBox(alpha, 0));
  const count = Math.max(1, Math.ceil(Math.log2(Math.max(width, height))));
  let wanted: Uint8Array | undefined = softPixels(alpha);
  if (!wanted.includes(1)) return { data, width, height };
  const levels: Level[] = [];
  for (let step = count; step >= 0; step--) {
    if (signal) throwIfAborted(signal);
    const size = {
      width: Math.round(width ** (step / count)),
      height: Math.round(height ** (step / count)),
    };
    const finer = levels[0];
    wanted = finer ? parents(finer, size) : wanted;
    levels.unshift({ ...sparse(dilate(wanted, size, REACH), size), colours: new Float32Array(0) });
  }
  wanted = undefined;
  start(levels[0], image, alpha);
  for (const [step, each] of levels.entries()) {
    if (signal) throwIfAborted(signal);
    if (step) inherit(each, levels[step - 1]);
    // Nothing asks for the size before any more.
    if (step) levels[step - 1].numbers = levels[step - 1].places = new Int32Array(0);
    const small = each.width <= SMALL && each.height <= SMALL;
    sweep(each, image, alpha, small ? SMALL_SWEEPS : LARGE_SWEEPS);
  }
  const { places, colours } = levels[count];
  for (let i = 0; i < places.length; i++) {
    const value = alpha.data[places[i]];
    if (value === 0 || value === 255) continue;
    for (let c = 0; c < 3; c++) data[places[i] * 3 + c] = colours[i * 6 + c] * 255 + 0.5;
  }
  return { data, width, height };
}

function softPixels({ data }: Alpha): Uint8Array {
  const soft = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) if (data[i] !== 0 && data[i] !== 255) soft[i] = 1;
  return soft;
}

/** The pixels of a smaller size that a level's pixels start from. */
function parents({ width, height, places }: Level, size: Size): Uint8Array {
  const marked = new Uint8Array(size.width * size.height);
  const columns = sources(width, size.width);
  const rows = sources(height, size.height);
  for (let i = 0; i < places.length; i++) {
    const y = Math.floor(places[i] / width);
    marked[rows[y] * size.width + columns[places[i] - y * width]] = 1;
  }
  return marked;
}

/** Nearest neighbour: which of `from` pixels each of `to` pixels shows. */
function sources(to: number, from: number): Int32Array {
  return Int32Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
}

/** The mean colours of what is nearly opaque and of what is nearly hidden. */
function start(first: Level, image: RgbImage, alpha: Alpha): void {
  const sums = new Float64Array(8);
  for (let i = 0; i < alpha.data.length; i++) {
    const side = alpha.data[i] > 0.9 * 255 ? 0 : alpha.data[i] < 0.1 * 255 ? 4 : -1;
    if (side < 0) continue;
    for (let c = 0; c < 3; c++) sums[side + c] += image.data[i * 3 + c] / 255;
    sums[side + 3]++;
  }
  const mean = [0, 1, 2, 4, 5, 6].map((at) => sums[at] / (sums[at < 3 ? 3 : 7] + 1e-5));
  first.colours = new Float32Array(first.places.length * 6);
  for (let i = 0; i < first.places.length; i++) first.colours.set(mean, i * 6);
}

/** Starts a level with the colours of the one before. */
function inherit(to: Level, from: Level): void {
  const columns = sources(to.width, from.width);
  const rows = sources(to.height, from.height);
  to.colours = new Float32Array(to.places.length * 6);
  for (let i = 0; i < to.places.length; i++) {
    const y = Math.floor(to.places[i] / to.width);
    const parent = from.numbers[rows[y] * from.width + columns[to.places[i] - y * to.width]];
    for (let c = 0; c < 6; c++) to.colours[i * 6 + c] = from.colours[parent * 6 + c];
  }
}

/** Gauss-Seidel sweeps over a level. A neighbour that takes no part is taken to be like the pixel itself. */
function sweep(
  { width, height, numbers, places, colours }: Level,
  image: RgbImage,
  alpha: Alpha,
  times: number,
) {
  const columns = sources(width, image.width);
  const rows = sources(height, image.height);
  const count = places.length;
  const shares = new Float32Array(count);
  const pixels = new Uint8Array(count * 3);
  const neighbours = new Int32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const y = Math.floor(places[i] / width);
    const x = places[i] - y * width;
    const from = rows[y] * image.width + columns[x];
    shares[i] = alpha.data[from] / 255;
    for (let c = 0; c < 3; c++) pixels[i * 3 + c] = image.data[from * 3 + c];
    const left = x > 0 ? numbers[places[i] - 1] : i;
    const right = x + 1 < width ? numbers[places[i] + 1] : i;
    const up = y > 0 ? numbers[places[i] - width] : i;
    const down = y + 1 < height ? numbers[places[i] + width] : i;
    neighbours[i * 4] = left < 0 ? i : left;
    neighbours[i * 4 + 1] = right < 0 ? i : right;
    neighbours[i * 4 + 2] = up < 0 ? i : up;
    neighbours[i * 4 + 3] = down < 0 ? i : down;
  }
  for (let time = 0; time < times; time++) {
    for (let i = 0; i < count; i++) {
      const a = shares[i];
      const left = neighbours[i * 4];
      const right = neighbours[i * 4 + 1];
      const up = neighbours[i * 4 + 2];
      const down = neighbours[i * 4 + 3];
      const dl = REGULARISATION + Math.abs(a - shares[left]);
      const dr = REGULARISATION + Math.abs(a - shares[right]);
      const du = REGULARISATION + Math.abs(a - shares[up]);
      const dd = REGULARISATION + Math.abs(a - shares[down]);
      const sum = dl + dr + du + dd;
      const cross = a * (1 - a);
      const front = a * a + sum;
      const back = (1 - a) * (1 - a) + sum;
      const scale = 1 / (front * back - cross * cross);
      for (let c = 0; c < 3; c++) {
        const own = pixels[i * 3 + c] / 255;
        const f =
          a * own +
          dl * colours[left * 6 + c] +
          dr * colours[right * 6 + c] +
          du * colours[up * 6 + c] +
          dd * colours[down * 6 + c];
        const b =
          (1 - a) * own +
          dl * colours[left * 6 + 3 + c] +
          dr * colours[right * 6 + 3 + c] +
          du * colours[up * 6 + 3 + c] +
          dd * colours[down * 6 + 3 + c];
        colours[i * 6 + c] = unit(scale * (back * f - cross * b));
        colours[i * 6 + 3 + c] = unit(scale * (front * b - cross * f));
      }
    }
  }
}

function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
