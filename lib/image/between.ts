/** For each pixel of a line: the two cells that it lies between, and how much the second one counts, 0..1. */
export interface Between {
  first: Int32Array;
  second: Int32Array;
  share: Float32Array;
}

/**
 * Linear interpolation along one side of a coarse grid whose values stand at the centres of its cells; beyond the
 * outermost centres their values hold.
 * @param length pixels of the line
 * @param step pixels of a cell
 * @param cells cells of the line
 */
export function between(length: number, step: number, cells: number): Between {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.min(cells - 1, Math.max(0, (i + 0.5) / step - 0.5));
    first[i] = Math.floor(at);
    second[i] = Math.min(cells - 1, first[i] + 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}
