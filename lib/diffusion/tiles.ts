import type { Latents, Planes } from '../models';

/** Cells of a tile's side, and the share of it that two tiles have in common. */
export const TILE = 64;
const OVERLAP = 0.25;

type Decode = (latents: Latents) => Promise<Planes>;

/**
 * Decodes latents tile by tile, each blended linearly over the edge of those before it, as diffusers' tiled_decode.
 * Memory is that of one tile; far parts of the picture do not know of each other.
 * @param cell pixels of the picture a side that a cell stands for
 * @param tile cells of a tile's side
 */
export async function decodeTiled(
  latents: Latents,
  decode: Decode,
  cell: number,
  tile: number = TILE,
): Promise<Planes> {
  const { width, height } = latents;
  if (width <= tile && height <= tile) return decode(latents);
  const stride = Math.floor(tile * (1 - OVERLAP));
  const blend = Math.floor(tile * cell * OVERLAP);
  const limit = tile * cell - blend;
  const whole: Planes = {
    data: new Float32Array(3 * width * cell * height * cell),
    width: width * cell,
    height: height * cell,
  };
  let above: Planes[] = [];
  for (let top = 0; top < height; top += stride) {
    const row: Planes[] = [];
    for (let left = 0; left < width; left += stride) {
      const part = await decode(cut(latents, left, top, tile));
      const upper = above[row.length];
      if (upper) blendDown(upper, part, blend);
      const before = row.at(-1);
      if (before) blendRight(before, part, blend);
      paste(whole, part, (left / stride) * limit, (top / stride) * limit, limit);
      row.push(part);
    }
    above = row;
  }
  return whole;
}

function cut({ data, channels, width, height }: Latents, left: number, top: number, tile: number): Latents {
  const [right, bottom] = [Math.min(width, left + tile), Math.min(height, top + tile)];
  const part = { channels, width: right - left, height: bottom - top };
  const values = new Float32Array(channels * part.width * part.height);
  let to = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++, to += part.width) {
      const row = (channel * height + y) * width;
      values.set(data.subarray(row + left, row + right), to);
    }
  }
  return { data: values, ...part };
}

/** Fades the lower end of `upper` into the first rows of `lower`. */
function blendDown(upper: Planes, lower: Planes, most: number): void {
  const rows = Math.min(upper.height, lower.height, most);
  eachLine(rows, (plane, y) => {
    const from = (plane * upper.height + upper.height - rows + y) * upper.width;
    const to = (plane * lower.height + y) * lower.width;
    for (let x = 0; x < lower.width; x++) fade(upper, from + x, lower, to + x, y / rows);
  });
}

/** The same from left to right. */
function blendRight(before: Planes, after: Planes, most: number): void {
  const columns = Math.min(before.width, after.width, most);
  eachLine(after.height, (plane, y) => {
    const from = (plane * before.height + y + 1) * before.width - columns;
    const to = (plane * after.height + y) * after.width;
    for (let x = 0; x < columns; x++) fade(before, from + x, after, to + x, x / columns);
  });
}

function fade(from: Planes, at: number, to: Planes, place: number, share: number): void {
  to.data[place] = from.data[at] * (1 - share) + to.data[place] * share;
}

function paste(whole: Planes, part: Planes, left: number, top: number, limit: number): void {
  const columns = Math.min(part.width, limit, whole.width - left);
  eachLine(Math.min(part.height, limit, whole.height - top), (plane, y) => {
    const from = (plane * part.height + y) * part.width;
    const to = (plane * whole.height + top + y) * whole.width + left;
    whole.data.set(part.data.subarray(from, from + columns), to);
  });
}

function eachLine(lines: number, visit: (plane: number, y: number) => void): void {
  for (let plane = 0; plane < 3; plane++) for (let y = 0; y < lines; y++) visit(plane, y);
}
