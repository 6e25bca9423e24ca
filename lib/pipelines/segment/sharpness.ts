import type { BoundingBox, RgbImage } from '../../contracts';
import { sharedArena } from '../../kernels';

/** Pixels a side of the cells that detail is summed in. */
const CELL = 16;

/** Pixels a side of what frames are compared by. */
const THUMB = 48;

/** What is kept of a picture: what it shows, small, and how much fine detail each of its parts has. */
export interface Detail {
  /** Grey levels, `THUMB` pixels a side. */
  thumb: Uint8Array;
  /** Pixels of the picture. */
  width: number;
  height: number;
  /** Of the Laplacian in each cell, grey levels: the sum of its values, and of their squares. */
  sums: Float32Array;
  squares: Float32Array;
}

export function detailOf({ data, width, height }: RgbImage): Detail {
  const columns = Math.ceil(width / CELL);
  const cells = columns * Math.ceil(height / CELL);
  const arena = sharedArena();
  return arena.scope(() => {
    const [picture, grey] = [arena.put(data), arena.take(width * height * 4)];
    const [sums, squares] = [arena.put(new Float32Array(cells)), arena.put(new Float32Array(cells))];
    const thumb = arena.take(THUMB * THUMB);
    arena.kernels.greyOf(picture, width * height, grey);
    arena.kernels.shrinkGrey(grey, width, height, THUMB, THUMB, thumb);
    arena.kernels.sumDetail(grey, width, height, CELL, columns, sums, squares);
    return {
      ...{ width, height },
      thumb: arena.bytes(thumb, THUMB * THUMB).slice(),
      sums: arena.floats(sums, cells).slice(),
      squares: arena.floats(squares, cells).slice(),
    };
  });
}

/**
 * The variance of a picture's Laplacian, in grey levels squared.
 * @param box the part that is meant, which is taken by whole cells; left out: all of it
 */
export function sharpnessOf({ width, height, sums, squares }: Detail, box?: BoundingBox): number {
  const [x, y, across, down] = box ?? [0, 0, width, height];
  const columns = Math.ceil(width / CELL);
  const [left, right] = range(x, across, width);
  const [top, bottom] = range(y, down, height);
  let [sum, square] = [0, 0];
  for (let row = top; row < bottom; row++) {
    for (let at = row * columns + left; at < row * columns + right; at++) {
      sum += sums[at];
      square += squares[at];
    }
  }
  const count = inside(left, right, width) * inside(top, bottom, height);
  return count > 0 ? square / count - (sum / count) ** 2 : 0;
}

/** The cells of a side that a part of it touches, the end not among them. */
function range(start: number, length: number, side: number): [number, number] {
  return [Math.floor(start / CELL), Math.min(Math.ceil(side / CELL), Math.ceil((start + length) / CELL))];
}

/** Pixels in a range of a side's cells, the picture's border left out. */
function inside(from: number, to: number, side: number): number {
  return Math.max(0, Math.min(side - 1, to * CELL) - Math.max(1, from * CELL));
}
