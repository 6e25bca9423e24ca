import { throwIfAborted, type Alpha } from '../../contracts';
import { between, findRegions } from '../../image';
import { blocksOf, highest, type Blocks } from './blocks';

/** Blocks along the longer side of the picture: a block is what counts as near. */
const BLOCKS = 128;
/** Alpha up to this is haze where nothing stronger is near, and from 255 minus this opaque where all around is. */
const HAZE = 12;
/** A piece that nowhere reaches this is no sure find. */
const SURE = 128;
/** Pieces below these shares of the largest one's mass are dropped: unsure ones, and any. */
const UNSURE_MASS = 0.02;
const LEAST_MASS = 0.0002;
/** Pinholes are dents no deeper than this and smaller than this share of the picture. */
const PINHOLE_FLOOR = 192;
const PINHOLE_AREA = 0.0001;

/**
 * Takes what networks leave behind out of a matte: faint haze and unsure specks away from the product, a faint
 * see-through in its inside, pinholes. Soft edges stay as they are: haze only goes a block (1/128 of the longer
 * side) or more away from stronger alpha, fading into what is kept.
 * @returns a new matte
 */
export function cleanMask(alpha: Alpha, signal?: AbortSignal): Alpha {
  const { width, height } = alpha;
  const cleaned = { data: alpha.data.slice(), width, height };
  closePinholes(cleaned);
  if (signal) throwIfAborted(signal);
  const blocks = blocksOf(cleaned, Math.max(2, Math.ceil(Math.max(width, height) / BLOCKS)));
  const { columns, rows, low, high } = blocks;
  if (signal) throwIfAborted(signal);
  const strongest = highest(withoutSpecks(cleaned, blocks), columns, rows, 1);
  const missing = low.map(invert);
  const weakest = highest(missing, columns, rows, 1);
  cap(cleaned, blocks, strongest.map(isHaze), high, false);
  cap(cleaned, blocks, weakest.map(isHaze), missing, true);
  return cleaned;
}

const invert = (value: number) => 255 - value;
const isHaze = (value: number) => Number(value <= HAZE);

/**
 * Highest alpha of each block, without the pieces to drop. A piece is alpha over the haze, where a gap of less than a
 * block counts as none.
 */
function withoutSpecks({ data, width, height }: Alpha, { side, columns, rows, high }: Blocks): Uint8Array {
  const { areas, starts, ends, of } = findRegions(high, columns, rows, {
    from: HAZE + 1,
    to: 255,
    diagonals: true,
  });
  const mass = new Float64Array(areas.length);
  const peak = new Uint8Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    const piece = of[run];
    for (let block = starts[run]; block < ends[run]; block++) {
      const left = (block % columns) * side;
      const top = Math.floor(block / columns) * side;
      const right = Math.min(width, left + side);
      const bottom = Math.min(height, top + side);
      for (let y = top; y < bottom; y++)
        for (let at = y * width + left; at < y * width + right; at++) mass[piece] += data[at];
      peak[piece] = Math.max(peak[piece], high[block]);
    }
  }
  const largest = mass.reduce((most, each) => Math.max(most, each), 0);
  const kept = high.slice();
  for (let run = 0; run < of.length; run++) {
    const piece = of[run];
    const least = peak[piece] < SURE ? UNSURE_MASS : LEAST_MASS;
    if (mass[piece] < least * largest) kept.fill(0, starts[run], ends[run]);
  }
  return kept;
}

/**
 * Limits what is left (or, for `inside`, what is missing to 255) to nothing where a block and its neighbours are
 * flagged, and to less and less of `HAZE` on the way there.
 * @param most what is left (or missing) in each block at most
 */
function cap(
  { data, width, height }: Alpha,
  { side, columns, rows }: Blocks,
  flags: Uint8Array,
  most: Uint8Array,
  inside: boolean,
): void {
  const clear = highest(flags, columns, rows, 1);
  const full = highest(
    flags.map((flag) => 1 - flag),
    columns,
    rows,
    1,
  );
  const across = between(width, side, columns);
  const down = between(height, side, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      if (!clear[block] || !most[block]) continue;
      const right = Math.min(width, (column + 1) * side);
      const bottom = Math.min(height, (row + 1) * side);
      for (let y = row * side; y < bottom; y++) {
        if (!full[block]) {
          data.fill(inside ? 255 : 0, y * width + column * side, y * width + right);
          continue;
        }
        const above = down.first[y] * columns;
        const below = down.second[y] * columns;
        const fy = down.share[y];
        for (let x = column * side; x < right; x++) {
          const left = across.first[x];
          const next = across.second[x];
          const fx = across.share[x];
          const top = flags[above + left] * (1 - fx) + flags[above + next] * fx;
          const weight = top * (1 - fy) + (flags[below + left] * (1 - fx) + flags[below + next] * fx) * fy;
          if (weight === 0) continue;
          const limit = HAZE * (1 - weight);
          const at = y * width + x;
          data[at] = inside ? Math.max(data[at], Math.ceil(255 - limit)) : Math.min(data[at], limit);
        }
      }
    }
  }
}

/** Fills small, shallow dents that opaque pixels enclose. */
function closePinholes({ data, width, height }: Alpha): void {
  const { areas, atBorder, starts, ends, of } = findRegions(data, width, height, { from: 0, to: 254 - HAZE });
  const largest = Math.max(4, PINHOLE_AREA * data.length);
  const fill = areas.map((area, region) => Number(!atBorder[region] && area <= largest));
  for (let run = 0; run < of.length; run++) {
    for (let at = starts[run]; fill[of[run]] && at < ends[run]; at++)
      if (data[at] < PINHOLE_FLOOR) fill[of[run]] = 0;
  }
  for (let run = 0; run < of.length; run++) if (fill[of[run]]) data.fill(255, starts[run], ends[run]);
}
