import type { Alpha } from '../../contracts';

/**
 * A mask as COCO writes it: lengths of runs down the columns, outside first, each but the first three less the one two
 * before it, in groups of five bits from the lowest on with a sixth that says whether more follow (pycocotools,
 * `rleToString`).
 * @param inside alpha from which a pixel belongs to the mask
 */
export function runLengths({ data, width, height }: Alpha, inside: number): string {
  const runs: number[] = [];
  let [run, is] = [0, false];
  for (let x = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width) {
      if (data[at] >= inside !== is) {
        runs.push(run);
        run = 0;
        is = !is;
      }
      run++;
    }
  }
  runs.push(run);
  return runs.map((length, at) => packed(at > 2 ? length - runs[at - 2] : length)).join('');
}

function packed(value: number): string {
  let text = '';
  for (;;) {
    let group = value & 0x1f;
    value >>= 5;
    const more = group & 0x10 ? value !== -1 : value !== 0;
    if (more) group |= 0x20;
    text += String.fromCharCode(group + 48);
    if (!more) return text;
  }
}
