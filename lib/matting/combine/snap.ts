import type { RgbImage } from '../../contracts';
import type { Size } from '../squares';

/** How strongly neighbours of the same colour pull at each other, beside the network's own log-odds. */
const PULL = 3;
/** A step in colour this many times the mean square step around it parts two neighbours by a factor e. */
const STEP = 1.5;
/** Side in pixels of a block; around it are the eight next to it. A faint edge counts for much where there is no other. */
const BLOCK = 6;
/** Mean square step (levels, three channels together) of a picture without noise. */
const LEAST_STEP = 4;
const SWEEPS = 16;
/** What the network's log-odds count for: it is sure of edges that are pixels off. */
const WISH = 0.6;
/** Log-odds of what the network is as good as sure of. */
const SURE = 5.3;
const NEIGHBOURS = 8;
/** Log-odds are looked up up to here, in steps of `1 / FINE`: beyond, a pixel is as good as 0 or 1. */
const [FARTHEST, FINE] = [16, 128];
const SIGMOID = Float32Array.from(
  { length: 2 * FARTHEST * FINE + 2 },
  (_, i) => 1 / (1 + Math.exp(FARTHEST - i / FINE)),
);
/** Right, below, below right and below left, and those opposite. */
const ACROSS = [1, 0, 1, -1, -1, 0, -1, 1];
const DOWN = [0, 1, 1, 1, 0, -1, -1, -1];
const offsetsOf = (width: number) => ACROSS.map((across, k) => across + DOWN[k] * width);

/**
 * Moves the edge of a coarse matte to where the photo has one: a fully connected neighbour field, solved by mean
 * fields (P. Krähenbühl and V. Koltun, "Efficient inference in fully connected CRFs with Gaussian edge potentials",
 * NIPS 2011, over eight neighbours). Pixels of like colours want to be on the same side; the network's log-odds are
 * what each wants for itself.
 * @param matte 0..1, of the photo's size
 * @param band indices of the pixels that may change
 * @param sweeps how often each of them is looked at
 * @returns a new matte, 0..1; as `matte` outside the band
 */
export function snap(
  { data, width, height }: RgbImage,
  matte: Float32Array,
  band: Int32Array,
  sweeps = SWEEPS,
): Float32Array {
  const ties = measureTies(data, { width, height }, band);
  const wish = wishes(matte, band, ties);
  // Room on both sides, so that neighbours outside of the picture, whose ties are 0, can be read.
  const room = width + 1;
  const field = new Float32Array(matte.length + 2 * room);
  field.set(matte, room);
  const [right, below, belowRight, belowLeft, left, above, aboveLeft, aboveRight] = offsetsOf(width);
  const visit = (n: number) => {
    const at = band[n] + room;
    const tie = n * NEIGHBOURS;
    const pull =
      wish[n] +
      ties[tie] * field[at + right] +
      ties[tie + 1] * field[at + below] +
      ties[tie + 2] * field[at + belowRight] +
      ties[tie + 3] * field[at + belowLeft] +
      ties[tie + 4] * field[at + left] +
      ties[tie + 5] * field[at + above] +
      ties[tie + 6] * field[at + aboveLeft] +
      ties[tie + 7] * field[at + aboveRight];
    field[at] = sigmoid(pull);
  };
  // To and fro, so that no direction is favoured.
  for (let sweep = 0; sweep < sweeps; sweep++) {
    if (sweep & 1) for (let n = band.length - 1; n >= 0; n--) visit(n);
    else for (let n = 0; n < band.length; n++) visit(n);
  }
  return field.subarray(room, room + matte.length);
}

/** To within 1e-5. */
function sigmoid(value: number): number {
  if (value <= -FARTHEST) return 0;
  if (value >= FARTHEST) return 1;
  const place = (value + FARTHEST) * FINE;
  const first = place | 0;
  return SIGMOID[first] + (SIGMOID[first + 1] - SIGMOID[first]) * (place - first);
}

/**
 * What each pixel of the band wants for itself, less what its neighbours would pull it by if all of them were ground;
 * `ties` are for values 0..1 then, and not for -1..1.
 */
function wishes(matte: Float32Array, band: Int32Array, ties: Float32Array): Float32Array {
  const wish = new Float32Array(band.length);
  for (let n = 0, tie = 0; n < band.length; n++) {
    let pulls = 0;
    for (const end = tie + NEIGHBOURS; tie < end; tie++) pulls += ties[tie];
    wish[n] = WISH * logOdds(matte[band[n]]) - pulls / 2;
  }
  return wish;
}

function logOdds(value: number): number {
  return Math.min(SURE, Math.max(-SURE, Math.log((value + 1e-4) / (1 - value + 1e-4))));
}

/** What ties each pixel of the band to its neighbours, twice the pull, interleaved; 0 for one outside of the picture. */
function measureTies(data: Uint8Array, size: Size, band: Int32Array): Float32Array {
  const steps = measureSteps(data, size, band);
  const usual = usualSteps(steps, size, band);
  for (let n = 0, i = 0; n < band.length; n++) {
    const rate = -1 / (STEP * usual[n]);
    for (let k = 0; k < NEIGHBOURS; k++, i++) {
      const pull = (k & 3) >= 2 ? PULL * Math.SQRT1_2 : PULL;
      steps[i] = steps[i] < 0 ? 0 : 2 * pull * Math.exp(steps[i] * rate);
    }
  }
  return steps;
}

/** The square steps from each pixel of the band to its neighbours, interleaved; -1 to one outside of the picture. */
function measureSteps(data: Uint8Array, { width, height }: Size, band: Int32Array): Float32Array {
  const steps = new Float32Array(band.length * NEIGHBOURS);
  const offsets = Int32Array.from(offsetsOf(width));
  const across = Int32Array.from(ACROSS);
  const down = Int32Array.from(DOWN);
  for (let n = 0, i = 0; n < band.length; n++) {
    const at = band[n];
    const y = (at / width) | 0;
    const x = at - y * width;
    const [red, green, blue] = [data[at * 3], data[at * 3 + 1], data[at * 3 + 2]];
    for (let k = 0; k < NEIGHBOURS; k++, i++) {
      const [u, v] = [x + across[k], y + down[k]];
      if (u < 0 || u >= width || v < 0 || v >= height) {
        steps[i] = -1;
        continue;
      }
      const other = (at + offsets[k]) * 3;
      const r = data[other] - red;
      const g = data[other + 1] - green;
      const b = data[other + 2] - blue;
      steps[i] = r * r + g * g + b * b;
    }
  }
  return steps;
}

/** For each pixel of the band the mean of the steps that the band has around it. */
function usualSteps(steps: Float32Array, { width, height }: Size, band: Int32Array): Float32Array {
  // A rim of empty blocks on all sides, so that each block has eight neighbours.
  const columns = Math.ceil(width / BLOCK) + 2;
  const sums = new Float64Array(columns * (Math.ceil(height / BLOCK) + 2));
  const counts = new Uint32Array(sums.length);
  const blocks = new Int32Array(band.length);
  for (let n = 0, i = 0; n < band.length; n++) {
    const y = (band[n] / width) | 0;
    const x = band[n] - y * width;
    const block = (((y / BLOCK) | 0) + 1) * columns + ((x / BLOCK) | 0) + 1;
    blocks[n] = block;
    for (let k = 0; k < NEIGHBOURS; k++, i++) {
      if (steps[i] < 0) continue;
      sums[block] += steps[i];
      counts[block]++;
    }
  }
  const around = [0, ...offsetsOf(columns)];
  const means = sums.map((_, block) => {
    if (counts[block] === 0) return LEAST_STEP;
    let [sum, count] = [0, 0];
    for (const offset of around) {
      sum += sums[block + offset];
      count += counts[block + offset];
    }
    return Math.max(LEAST_STEP, sum / count);
  });
  return Float32Array.from(blocks, (block) => means[block]);
}
