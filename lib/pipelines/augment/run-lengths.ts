import type { Alpha, BoundingBox } from '../../contracts';

/**
 * A mask as COCO writes it: lengths of runs down the columns, outside first, each but the first three less the one two
 * before it, in groups of five bits from the lowest on with a sixth that says whether more follow (pycocotools,
 * `rleToString`).
 * @param box around the mask; undefined where it is empty
 * @param inside alpha from which a pixel belongs to the mask
 */
export function runLengths(
  { data, width, height }: Alpha,
  box: BoundingBox | undefined,
  inside: number,
): string {
  // Outside of the box there is nothing of it.
  const [left, top, across, down] = box ?? [0, 0, 0, 0];
  const runs: number[] = [];
  let [run, is] = [0, false];
  const add = (length: number, value: boolean) => {
    if (length === 0) return;
    if (value !== is) {
      runs.push(run);
      [run, is] = [0, value];
    }
    run += length;
  };
  add(left * height, false);
  for (let x = left; x < left + across; x++) {
    add(top, false);
    for (let y = 0, at = top * width + x; y < down; y++, at += width) add(1, data[at] >= inside);
    add(height - top - down, false);
  }
  add((width - left - across) * height, false);
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
