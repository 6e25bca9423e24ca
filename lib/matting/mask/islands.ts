import type { Alpha } from '../../contracts';
import { findRegions } from '../../image';

/** Alpha up to this connects nothing: the faint haze between two pieces does not make them one. */
const FAINT = 12;

/**
 * Drops the pieces of a matte that are small beside its largest one. What is kept keeps every value, its soft edges
 * included; what is dropped takes its faint rim with it.
 * @param percent 0..100: pieces with less than this per cent of the largest one's alpha, summed, are dropped.
 *   100 leaves only the largest (several, if equally large), 0 drops nothing
 * @returns a new matte
 */
export function dropIslands({ data, width, height }: Alpha, percent: number): Alpha {
  const kept = { data: data.slice(), width, height };
  if (percent <= 0) return kept;
  const { areas, starts, ends, of } = findRegions(data, width, height, {
    from: FAINT + 1,
    to: 255,
    diagonals: true,
  });
  const mass = new Float64Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    let sum = 0;
    for (let at = starts[run]; at < ends[run]; at++) sum += data[at];
    mass[of[run]] += sum;
  }
  const least = (percent / 100) * mass.reduce((most, each) => Math.max(most, each), 0);
  const rim: number[] = [];
  for (let run = 0; run < of.length; run++) {
    if (mass[of[run]] >= least) continue;
    kept.data.fill(0, starts[run], ends[run]);
    for (let at = starts[run]; at < ends[run]; at++) clearDownhill(data, kept, at, rim);
  }
  while (rim.length) clearDownhill(data, kept, rim.pop()!, rim);
  return kept;
}

/** Clears a cleared pixel's faint neighbours that are no stronger than itself, so that no other piece is touched. */
function clearDownhill(
  data: Uint8Array,
  { data: kept, width, height }: Alpha,
  at: number,
  next: number[],
): void {
  const x = at % width;
  const y = (at - x) / width;
  for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
    for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
      const neighbour = ny * width + nx;
      if (kept[neighbour] === 0 || data[neighbour] > FAINT || data[neighbour] > data[at]) continue;
      kept[neighbour] = 0;
      next.push(neighbour);
    }
  }
}
