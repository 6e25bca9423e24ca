/**
 * The lengths of runs that COCO's compressed text stands for, down the columns, outside first (pycocotools,
 * `rleFrString`).
 */
export function readRunLengths(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, shift, more] = [0, 0, true];
    while (more) {
      const group = text.charCodeAt(at++) - 48;
      value |= (group & 0x1f) << shift;
      more = (group & 0x20) !== 0;
      shift += 5;
      if (!more && group & 0x10) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2];
    runs.push(value);
  }
  return runs;
}

/** Pixels inside of a mask. */
export function areaOf(runs: readonly number[]): number {
  return runs.reduce((sum, run, at) => (at % 2 ? sum + run : sum), 0);
}
