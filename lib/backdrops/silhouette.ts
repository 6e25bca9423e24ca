import { gaussianBlur } from '../image';
import type { Placed, Size } from './place';

/** Shadows and reflections are soft: they are made on planes of about this many cells on the longer side. */
const WORK_SIDE = 800;

/** A channel of the frame in cells of `step` x `step` pixels. */
export interface Plane {
  data: Float32Array;
  /** Cells. */
  width: number;
  height: number;
}

/** The product's shape in the frame, in cells. */
export interface Silhouette extends Plane {
  /** Pixels of the frame in a cell's side; `data` is the alpha 0..1 of each cell. */
  step: number;
  /** The product's box in cells: left, top, right, bottom. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where a cutout lies in a frame. */
export type Shape = Pick<Placed, 'alpha' | 'x' | 'y' | 'box'>;

/**
 * The product's alpha as means over cells.
 * @param cells on the frame's longer side, at most
 */
export function silhouetteOf({ alpha, x, y, box }: Shape, frame: Size, cells = WORK_SIDE): Silhouette {
  const step = Math.max(1, Math.ceil(Math.max(frame.width, frame.height) / cells));
  const width = Math.ceil(frame.width / step);
  const height = Math.ceil(frame.height / step);
  const data = new Float32Array(width * height);
  const share = 1 / (255 * step * step);
  const first = Math.max(0, -x);
  const last = Math.min(alpha.width, frame.width - x);
  for (let line = Math.max(0, -y); line < Math.min(alpha.height, frame.height - y); line++) {
    const row = Math.floor((line + y) / step) * width;
    const start = line * alpha.width;
    for (let column = first; column < last; column++) {
      const value = alpha.data[start + column];
      if (value) data[row + (((column + x) / step) | 0)] += value * share;
    }
  }
  const [left, top, across, down] = box.map((length) => length / step);
  return { data, width, height, step, left, top, right: left + across, bottom: top + down };
}

/** The value between four cells; nothing outside of the plane. */
export function sample({ data, width, height }: Plane, x: number, y: number): number {
  if (x < 0 || y < 0 || x > width - 1 || y > height - 1) return 0;
  const column = Math.min(x | 0, width - 2);
  const row = Math.min(y | 0, height - 2);
  if (column < 0 || row < 0) return data[0];
  const at = row * width + column;
  const fx = x - column;
  const above = data[at] + (data[at + 1] - data[at]) * fx;
  const below = data[at + width] + (data[at + width + 1] - data[at + width]) * fx;
  return above + (below - above) * (y - row);
}

/** Gaussian blur of a plane that is nought but for one part, which alone is worked on. */
export function blurPart(plane: Plane, sigma: number): Plane {
  const { width, height } = plane;
  const blurred = { data: new Float32Array(width * height), width, height };
  const held = heldBy(plane);
  if (!held) return blurred;
  // As far as three boxes of this deviation reach.
  const reach = Math.ceil(3 * sigma) + 4;
  const [left, top] = [Math.max(0, held.left - reach), Math.max(0, held.top - reach)];
  const across = Math.min(width, held.right + reach) - left;
  const down = Math.min(height, held.bottom + reach) - top;
  const part = new Float32Array(across * down);
  const start = (row: number) => (top + row) * width + left;
  for (let row = 0; row < down; row++)
    part.set(plane.data.subarray(start(row), start(row) + across), row * across);
  const soft = gaussianBlur(part, across, down, sigma);
  for (let row = 0; row < down; row++)
    blurred.data.set(soft.subarray(row * across, (row + 1) * across), start(row));
  return blurred;
}

/** The box outside of which a plane is nought; right and bottom lie just outside. */
function heldBy({
  data,
  width,
  height,
}: Plane): Record<'left' | 'top' | 'right' | 'bottom', number> | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (data[at] === 0) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  return right > left ? { left, top, right, bottom } : undefined;
}
