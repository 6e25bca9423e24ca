import type { RgbImage } from '../../contracts';
import { type Arena, sharedArena } from '../../kernels';
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
/** As kernels/snap.ts has it: log-odds up to 16 to either side, in steps of 1 / 128. */
const SIGMOID = Float32Array.from({ length: 2 * 16 * 128 + 2 }, (_, i) => 1 / (1 + Math.exp(16 - i / 128)));

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
  const arena = sharedArena();
  const { length } = band;
  return arena.scope(() => {
    const list = arena.put(band);
    const own = new Float32Array(length);
    for (let n = 0; n < length; n++) own[n] = WISH * logOdds(matte[band[n]]);
    const wishes = arena.put(own);
    const ties = tiesOf(arena, arena.put(data), { width, height }, list, length, wishes);
    // Room on both sides, so that neighbours outside of the picture, whose ties are 0, can be read.
    const room = width + 1;
    const from = arena.take((matte.length + 2 * room) * 4);
    const table = arena.put(SIGMOID);
    const field = arena.floats(from, matte.length + 2 * room);
    field.fill(0).set(matte, room);
    arena.kernels.sweep(from + 4 * room, width, list, length, ties, wishes, table, sweeps);
    return field.slice(room, room + matte.length);
  });
}

function logOdds(value: number): number {
  return Math.min(SURE, Math.max(-SURE, Math.log((value + 1e-4) / (1 - value + 1e-4))));
}

/**
 * What ties each pixel of the band to its neighbours, twice the pull: for values 0..1, and not -1..1, which the wishes
 * make up for.
 * @returns the address of `NEIGHBOURS` numbers for each
 */
function tiesOf(
  arena: Arena,
  picture: number,
  { width, height }: Size,
  band: number,
  count: number,
  wishes: number,
): number {
  const { kernels } = arena;
  // A rim of empty blocks on all sides, so that each block has eight neighbours.
  const columns = Math.ceil(width / BLOCK) + 2;
  const cells = columns * (Math.ceil(height / BLOCK) + 2);
  const ties = arena.take(count * NEIGHBOURS * 4);
  const [sums, counts] = [arena.put(new Float32Array(cells)), arena.put(new Float32Array(cells))];
  const blocks = arena.take(count * 4);
  kernels.measureSteps(picture, width, height, band, count, BLOCK, columns, ties, sums, counts, blocks);
  const rates = arena.put(ratesOf(arena.floats(sums, cells), arena.floats(counts, cells), columns));
  kernels.tie(ties, count, blocks, rates, 2 * PULL, 2 * PULL * Math.SQRT1_2, wishes);
  return ties;
}

/** For each block what a step counts for, by the mean of the steps that the band has around it. */
function ratesOf(sums: Float32Array, counts: Float32Array, columns: number): Float32Array {
  const rates = new Float32Array(sums.length);
  for (let block = 0; block < rates.length; block++) {
    if (counts[block] === 0) continue;
    let [sum, count] = [0, 0];
    for (let row = block - columns; row <= block + columns; row += columns) {
      sum += sums[row - 1] + sums[row] + sums[row + 1];
      count += counts[row - 1] + counts[row] + counts[row + 1];
    }
    rates[block] = -1 / (STEP * Math.max(LEAST_STEP, sum / count));
  }
  return rates;
}
