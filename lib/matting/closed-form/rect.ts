/** Whole pixels; `right` and `bottom` are excluded. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Halves a rectangle until no part holds more than `most` of the marked pixels; parts without any are left out. */
export function tiles(marked: Uint8Array, width: number, rect: Rect, most: number): Rect[] {
  const { left, top, right, bottom } = rect;
  const count = countIn(marked, width, rect);
  if (!count) return [];
  if (count <= most || (right - left < 2 && bottom - top < 2)) return [rect];
  if (right - left >= bottom - top) {
    const middle = (left + right) >> 1;
    return [
      ...tiles(marked, width, { ...rect, right: middle }, most),
      ...tiles(marked, width, { ...rect, left: middle }, most),
    ];
  }
  const middle = (top + bottom) >> 1;
  return [
    ...tiles(marked, width, { ...rect, bottom: middle }, most),
    ...tiles(marked, width, { ...rect, top: middle }, most),
  ];
}

/** A rectangle with `margin` pixels more on every side, within a picture. */
export function grow(rect: Rect, margin: number, width: number, height: number): Rect {
  return {
    left: Math.max(0, rect.left - margin),
    top: Math.max(0, rect.top - margin),
    right: Math.min(width, rect.right + margin),
    bottom: Math.min(height, rect.bottom + margin),
  };
}

function countIn(marked: Uint8Array, width: number, { left, top, right, bottom }: Rect): number {
  let count = 0;
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) count += marked[at];
  }
  return count;
}
