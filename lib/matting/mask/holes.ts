import type { Alpha } from '../../contracts';
import { findRegions } from '../../image';

/** A hole's own pixels are those the product covers by less than half. */
const HALF = 127;
/** What is surrounded by this much alpha becomes 255. */
const OPAQUE = 243;
/** Widest rim of a hole, as a share of the picture's longer side. */
const RIM = 0.02;

/**
 * Fills holes of the product that are small beside it. A hole and its soft rim get the alpha of what surrounds
 * them: 255 in an opaque product, less in a translucent one. Everything else keeps its value.
 * @param percent 0..100: holes up to this per cent of the product's area (alpha, summed) are filled
 * @returns a new matte
 */
export function fillHoles({ data, width, height }: Alpha, percent: number): Alpha {
  const filled = { data: data.slice(), width, height };
  if (percent <= 0) return filled;
  const { areas, atBorder, starts, ends, of } = findRegions(data, width, height, { from: 0, to: HALF });
  let product = 0;
  for (let at = 0; at < data.length; at++) product += data[at];
  const largest = ((percent / 100) * product) / 255;
  const holes = new Map<number, number[]>();
  for (let run = 0; run < of.length; run++) {
    const hole = of[run];
    if (atBorder[hole] || areas[hole] > largest) continue;
    const pixels = holes.get(hole) ?? [];
    holes.set(hole, pixels);
    for (let at = starts[run]; at < ends[run]; at++) pixels.push(at);
  }
  const seen = new Uint8Array(data.length);
  const rim = Math.max(2, Math.ceil(RIM * Math.max(width, height)));
  for (const pixels of holes.values()) {
    const level = climb(data, width, height, pixels, seen, rim);
    for (const at of pixels) if (filled.data[at] < level) filled.data[at] = level;
  }
  return filled;
}

/**
 * Goes uphill from a hole's pixels over its rim, and adds the rim to them.
 * @returns the mean alpha around both, 255 if that is as good as opaque
 */
function climb(
  data: Uint8Array,
  width: number,
  height: number,
  pixels: number[],
  seen: Uint8Array,
  rim: number,
): number {
  for (const at of pixels) seen[at] = 1;
  let sum = 0;
  let count = 0;
  for (let step = 0, from = 0; step <= rim && from < pixels.length; step++) {
    const end = pixels.length;
    for (; from < end; from++) {
      const at = pixels[from];
      const x = at % width;
      const visit = (neighbour: number) => {
        if (seen[neighbour]) return;
        const uphill = data[neighbour] >= data[at] && data[neighbour] < 255;
        if (uphill && step < rim) {
          seen[neighbour] = 1;
          pixels.push(neighbour);
        } else {
          // Beyond a ridge the ridge counts: a thin wall is what surrounds the hole there.
          sum += Math.max(data[at], data[neighbour]);
          count++;
        }
      };
      if (x > 0) visit(at - 1);
      if (x < width - 1) visit(at + 1);
      if (at >= width) visit(at - width);
      if (at < width * (height - 1)) visit(at + width);
    }
  }
  const level = count ? Math.round(sum / count) : 255;
  return level >= OPAQUE ? 255 : level;
}
