import type { RgbImage } from '../../contracts';
import type { Size } from '../squares';

/** How strongly neighbours of the same colour pull at each other, beside the network's own log-odds. */
const PULL = 3;
/** A step in colour this many times the band's mean square step parts two neighbours by a factor e. */
const STEP = 1.5;
/** Mean square step (levels, three channels together) of a picture without noise. */
const LEAST_STEP = 20;
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
function measureTies(data: Uint8Array, { width, height }: Size, band: Int32Array): Float32Array {
  const ties = new Float32Array(band.length * NEIGHBOURS);
  const offsets = offsetsOf(width);
  let sum = 0;
  let count = 0;
  for (let n = 0; n < band.length; n++) {
    const at = band[n];
    const x = at % width;
    const y = (at - x) / width;
    const [left, right, up, down] = [x > 0, x < width - 1, y > 0, y < height - 1];
    const there = [right, down, right && down, left && down, left, up, left && up, right && up];
    for (let k = 0; k < NEIGHBOURS; k++) {
      if (!there[k]) {
        ties[n * NEIGHBOURS + k] = -1;
        continue;
      }
      const square = distance(data, at * 3, (at + offsets[k]) * 3);
      ties[n * NEIGHBOURS + k] = square;
      sum += square;
      count++;
    }
  }
  const scale = -1 / (STEP * Math.max(LEAST_STEP, sum / Math.max(1, count)));
  for (let i = 0; i < ties.length; i++) {
    const diagonal = (i & 3) >= 2 ? Math.SQRT1_2 : 1;
    ties[i] = ties[i] < 0 ? 0 : PULL * diagonal * Math.exp(ties[i] * scale);
  }
  return ties;
}

function distance(data: Uint8Array, a: number, b: number): number {
  const red = data[a] - data[b];
  const green = data[a + 1] - data[b + 1];
  const blue = data[a + 2] - data[b + 2];
  return red * red + green * green + blue * blue;
}
