import { throwIfAborted, type Alpha } from '../../contracts';
import { blocksOf, highest } from './blocks';

/** Pixels a side of what is worked on at once. */
const TILE = 64;

/**
 * Grows (or, below 0, shrinks) the product of a matte all around: greyscale dilation or erosion by a disc, which
 * moves an edge and keeps its softness. The frame of the picture is no edge: a product that it cuts off stays so.
 * @param pixels -50..50, fractions included: those between two whole discs are mixed from both
 * @returns a new matte
 * @throws VitrineError CANCELLED
 */
export function growMask(alpha: Alpha, pixels: number, signal?: AbortSignal): Alpha {
  if (pixels < 0) return inverse(dilate(inverse(alpha), -pixels, signal));
  return dilate(alpha, pixels, signal);
}

/**
 * Takes hairs and jags narrower than a disc off a matte (opening), then fills notches and slits that are
 * narrower (closing). Straight and gently curved edges keep their place and softness.
 * @param radius pixels of the disc, 0..50, fractions included
 * @returns a new matte
 * @throws VitrineError CANCELLED
 */
export function smoothMask(alpha: Alpha, radius: number, signal?: AbortSignal): Alpha {
  const whole = Math.floor(radius);
  const smaller = openAndClose(alpha, whole, signal);
  if (whole === radius) return smaller;
  mix(smaller.data, openAndClose(alpha, whole + 1, signal).data, radius - whole);
  return smaller;
}

function openAndClose(alpha: Alpha, radius: number, signal?: AbortSignal): Alpha {
  const opened = growMask(growMask(alpha, -radius, signal), radius, signal);
  return growMask(growMask(opened, radius, signal), -radius, signal);
}

function inverse({ data, width, height }: Alpha): Alpha {
  return { data: data.map((value) => 255 - value), width, height };
}

/** Brings `data` this share (0..1) closer to `other`. */
function mix(data: Uint8Array, other: Uint8Array, share: number): void {
  for (let at = 0; at < data.length; at++) data[at] += Math.round((other[at] - data[at]) * share);
}

/** Highest alpha within `radius` of each pixel. */
function dilate(alpha: Alpha, radius: number, signal?: AbortSignal): Alpha {
  const { data, width, height } = alpha;
  const grown = { data: data.slice(), width, height };
  if (radius <= 0) return grown;
  const share = radius - Math.floor(radius);
  const discs = [disc(Math.floor(radius)), ...(share > 0 ? [disc(Math.floor(radius) + 1)] : [])];
  const reach = discs[discs.length - 1].length - 1;
  const { columns, rows, low, high } = blocksOf(alpha, TILE);
  const most = highest(high, columns, rows, Math.ceil(reach / TILE));
  const patch = new Patch(reach);
  const second = new Uint8Array(TILE * TILE);
  const first = new Uint8Array(TILE * TILE);
  for (let row = 0; row < rows; row++) {
    if (signal) throwIfAborted(signal);
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      if (low[block] === most[block]) continue;
      patch.load(alpha, column * TILE, row * TILE);
      patch.highest(discs[0], first);
      if (share > 0) {
        patch.highest(discs[1], second);
        mix(first, second, share);
      }
      store(grown, first, column * TILE, row * TILE);
    }
  }
  return grown;
}

function store({ data, width, height }: Alpha, tile: Uint8Array, left: number, top: number): void {
  const length = Math.min(TILE, width - left);
  for (let y = 0; y < Math.min(TILE, height - top); y++) {
    data.set(tile.subarray(y * TILE, y * TILE + length), (top + y) * width + left);
  }
}

/**
 * Half widths of a disc's rows, from its middle on. A quarter of a pixel more than the radius comes closest to moving edges
 * of every direction by the radius on average.
 */
function disc(radius: number): number[] {
  const square = (radius + 0.25) ** 2;
  return Array.from({ length: radius + 1 }, (_, y) => Math.floor(Math.sqrt(square - y * y)));
}

/** A tile with what lies `reach` pixels around it, prepared for maxima over stretches of its rows. */
class Patch {
  private readonly side: number;
  /** Level k holds, for each pixel, the highest of it and those right of it, 2 to the power of k in all. */
  private readonly levels: Uint8Array[] = [];

  constructor(private readonly reach: number) {
    this.side = TILE + 2 * reach;
    for (let span = 1; span <= 2 * reach + 1; span *= 2) {
      this.levels.push(new Uint8Array(this.side * this.side));
    }
  }

  /** Takes in the tile at a place of the matte; what lies outside the picture counts as 0. */
  load({ data, width, height }: Alpha, left: number, top: number): void {
    const { side, reach, levels } = this;
    levels[0].fill(0);
    const from = Math.max(0, left - reach);
    const to = Math.min(width, left + TILE + reach);
    for (let y = Math.max(0, top - reach); y < Math.min(height, top + TILE + reach); y++) {
      levels[0].set(
        data.subarray(y * width + from, y * width + to),
        (y - top + reach) * side + from - left + reach,
      );
    }
    for (let level = 1, half = 1; level < levels.length; level++, half *= 2) {
      const finer = levels[level - 1];
      const coarser = levels[level];
      const last = coarser.length - half;
      for (let at = 0; at < last; at++) {
        const here = finer[at];
        const beside = finer[at + half];
        coarser[at] = here > beside ? here : beside;
      }
    }
  }

  /** Highest value over the disc around each pixel of the tile. */
  highest(widths: number[], out: Uint8Array): void {
    const { side, reach, levels } = this;
    out.fill(0);
    for (let dy = 1 - widths.length; dy < widths.length; dy++) {
      const half = widths[Math.abs(dy)];
      const level = Math.floor(Math.log2(2 * half + 1));
      const stretch = levels[level];
      const second = 2 * half + 1 - 2 ** level;
      for (let y = 0; y < TILE; y++) {
        let from = (y + reach + dy) * side + reach - half;
        for (let at = y * TILE; at < (y + 1) * TILE; at++, from++) {
          const one = stretch[from];
          const other = stretch[from + second];
          const most = one > other ? one : other;
          if (most > out[at]) out[at] = most;
        }
      }
    }
  }
}
