import type { Size } from './types';

/** Pixels of a row, from the first up to, but not, the second. */
export type Span = [from: number, to: number];

/**
 * The pixels of a polygon, row by row: those whose centres lie in it, an odd number of its edges to their left, and
 * those on its edges.
 * @param corners whole pixels
 */
export function spansOf(corners: readonly (readonly [number, number])[], { width, height }: Size): Span[][] {
  const rows: Span[][] = Array.from({ length: height }, () => []);
  const crossings: number[][] = Array.from({ length: height }, () => []);
  const add = (y: number, from: number, to: number) => {
    const span: Span = [Math.max(0, from), Math.min(width, to)];
    if (y >= 0 && y < height && span[0] < span[1]) rows[y].push(span);
  };
  corners.forEach(([x0, y0], at) => {
    const [x1, y1] = corners[(at + 1) % corners.length];
    for (let y = Math.max(0, Math.min(y0, y1)); y < Math.min(height, Math.max(y0, y1)); y++) {
      crossings[y].push(x0 + ((y - y0) * (x1 - x0)) / (y1 - y0));
    }
    for (const [x, y] of line(x0, y0, x1, y1)) add(y, x, x + 1);
  });
  crossings.forEach((list, y) => {
    list.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < list.length; pair += 2) {
      add(y, Math.ceil(list[pair]), Math.floor(list[pair + 1]) + 1);
    }
  });
  return rows.map(merged);
}

/** The pixels of a line from left to right (J. Bresenham, 1965); one halfway between two stays with the one before. */
function* line(x0: number, y0: number, x1: number, y1: number): Generator<[x: number, y: number]> {
  if (x1 < x0) [x0, y0, x1, y1] = [x1, y1, x0, y0];
  const steps = Math.max(x1 - x0, Math.abs(y1 - y0));
  const along = (length: number, step: number) =>
    steps === 0 ? 0 : Math.sign(length) * Math.ceil((Math.abs(length) * step) / steps - 0.5);
  for (let step = 0; step <= steps; step++) yield [x0 + along(x1 - x0, step), y0 + along(y1 - y0, step)];
}

/** So that no pixel counts twice. */
function merged(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
