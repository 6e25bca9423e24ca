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
  const lastRow = width * (height - 1);
  for (let start = 0; start < ids.length; start++) {
    if (mask[start] !== value || ids[start] >= 0) continue;
    const id = parts.length;
    let top = 0;
    let area = 0;
    ids[start] = id;
    stack[top++] = start;
    while (top > 0) {
      const i = stack[--top];
      area++;
      const x = i % width;
      if (x > 0 && mask[i - 1] === value && ids[i - 1] < 0) {
        ids[i - 1] = id;
        stack[top++] = i - 1;
      }
      if (x < width - 1 && mask[i + 1] === value && ids[i + 1] < 0) {
        ids[i + 1] = id;
        stack[top++] = i + 1;
      }
      if (i >= width && mask[i - width] === value && ids[i - width] < 0) {
        ids[i - width] = id;
        stack[top++] = i - width;
      }
      if (i < lastRow && mask[i + width] === value && ids[i + width] < 0) {
        ids[i + width] = id;
        stack[top++] = i + width;
      }
    }
    parts.push({ area, start });
  }
  return { ids, parts };
}
