/** A connected region. */
export interface Part {
  /** Pixels. */
  area: number;
  /** Its first pixel in reading order. */
  start: number;
}

/**
 * Connected regions (4-neighbourhood) of the pixels equal to `value`.
 * @returns `ids` holds the index into `parts` where the pixel is such a one, -1 elsewhere
 */
export function labelComponents(
  mask: Uint8Array,
  value: number,
  width: number,
  height: number,
): { ids: Int32Array; parts: Part[] } {
  const ids = new Int32Array(width * height).fill(-1);
  const stack = new Int32Array(width * height);
  const parts: Part[] = [];
  for (let start = 0; start < ids.length; start++) {
    if (mask[start] !== value || ids[start] >= 0) continue;
    const id = parts.length;
    let top = 0;
    let area = 0;
    const visit = (i: number) => {
      if (mask[i] !== value || ids[i] >= 0) return;
      ids[i] = id;
      stack[top++] = i;
    };
    visit(start);
    while (top > 0) {
      const i = stack[--top];
      area++;
      const x = i % width;
      if (x > 0) visit(i - 1);
      if (x < width - 1) visit(i + 1);
      if (i >= width) visit(i - width);
      if (i < width * (height - 1)) visit(i + width);
    }
    parts.push({ area, start });
  }
  return { ids, parts };
}
