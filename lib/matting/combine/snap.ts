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
/** Right, below, below right and below left, and those opposite. */
const offsetsOf = (width: number) => [1, width, width + 1, width - 1, -1, -width, -width - 1, 1 - width];

/**
 * Moves the edge of a coarse matte to where the photo has one: a fully connected neighbour field, solved by mean
 * fields (P. Krähenbühl and V. Koltun, "Efficient inference in fully connected CRFs with Gaussian edge potentials",
 * NIPS 2011, over eight neighbours). Pixels of like colours want to be on the same side; the network's log-odds are
 * what each wants for itself.
 * @param matte 0..1, of the photo's size
 * @param band indices of the pixels that may change
 * @returns a new matte, 0..1; as `matte` outside the band
 */
export function snap({ data, width, height }: RgbImage, matte: Float32Array, band: Int32Array): Float32Array {
  const ties = measureTies(data, { width, height }, band);
  const wish = Float32Array.from(band, (at) => WISH * logOdds(matte[at]));
  const offsets = offsetsOf(width);
  const field = matte.slice();
  const visit = (n: number) => {
    const at = band[n];
    let pull = wish[n];
    for (let k = 0; k < NEIGHBOURS; k++) {
      const tie = ties[n * NEIGHBOURS + k];
      if (tie > 0) pull += tie * (2 * field[at + offsets[k]] - 1);
    }
    field[at] = 1 / (1 + Math.exp(-pull));
  };
  // To and fro, so that no direction is favoured.
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    if (sweep & 1) for (let n = band.length - 1; n >= 0; n--) visit(n);
    else for (let n = 0; n < band.length; n++) visit(n);
  }
  return field;
}

function logOdds(value: number): number {
  return Math.min(SURE, Math.max(-SURE, Math.log((value + 1e-4) / (1 - value + 1e-4))));
}

/** What ties each pixel of the band to its neighbours, interleaved; 0 for one outside of the picture. */
function measureTies(data: Uint8Array, size: Size, band: Int32Array): Float32Array {
  const steps = measureSteps(data, size, band);
  const usual = usualSteps(steps, size, band);
  for (let i = 0; i < steps.length; i++) {
    const diagonal = (i & 3) >= 2 ? Math.SQRT1_2 : 1;
    const step = steps[i] / (STEP * usual[Math.floor(i / NEIGHBOURS)]);
    steps[i] = steps[i] < 0 ? 0 : PULL * diagonal * Math.exp(-step);
  }
  return steps;
}

/** The square steps from each pixel of the band to its neighbours, interleaved; -1 to one outside of the picture. */
function measureSteps(data: Uint8Array, { width, height }: Size, band: Int32Array): Float32Array {
  const steps = new Float32Array(band.length * NEIGHBOURS);
  const offsets = offsetsOf(width);
  for (let n = 0; n < band.length; n++) {
    const at = band[n];
    const x = at % width;
    const y = (at - x) / width;
    const [left, right, up, down] = [x > 0, x < width - 1, y > 0, y < height - 1];
    const there = [right, down, right && down, left && down, left, up, left && up, right && up];
    for (let k = 0; k < NEIGHBOURS; k++) {
      steps[n * NEIGHBOURS + k] = there[k] ? distance(data, at * 3, (at + offsets[k]) * 3) : -1;
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
  const blocks = band.map((at) => {
    const y = Math.floor(at / width);
    return (Math.floor(y / BLOCK) + 1) * columns + Math.floor((at - y * width) / BLOCK) + 1;
  });
  for (let i = 0; i < steps.length; i++) {
    if (steps[i] < 0) continue;
    const block = blocks[Math.floor(i / NEIGHBOURS)];
    sums[block] += steps[i];
    counts[block]++;
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

function distance(data: Uint8Array, a: number, b: number): number {
  const red = data[a] - data[b];
  const green = data[a + 1] - data[b + 1];
  const blue = data[a + 2] - data[b + 2];
  return red * red + green * green + blue * blue;
}
