import type { Shape } from './mask';

/** An object's area may grow by this factor at most between two sights of it. */
const GROWTH = 4;
/** Sights that its usual area is taken from: at most, and at least. */
const [REMEMBERED, ENOUGH] = [9, 3];
/** A mask over more of the frame than this is the scene, unless the object was as large. */
const WHOLE = 0.9;
/** How far an object may go from one frame to the next, in diagonals of its box; it adds up while it is out of sight. */
const REACH = 1;

/**
 * Tells whether what the network sees can be the object: a lost object is apt to become the whole picture, or another one
 * that looks like it.
 */
export class Gate {
  private readonly areas: number[] = [];
  private last?: { index: number; shape: Shape };

  /** @returns why it cannot be the object, or undefined where it can */
  refuses(index: number, shape: Shape): 'size' | 'place' | undefined {
    if (!this.last) return undefined;
    const usual = [...this.areas].sort((a, b) => a - b)[this.areas.length >> 1];
    const isLarger = this.areas.length >= ENOUGH && shape.area > usual * GROWTH;
    if (isLarger || (shape.area > WHOLE && usual < WHOLE / 2)) return 'size';
    const { index: then, shape: before } = this.last;
    if (overlap(shape.box, before.box) > 0) return undefined;
    const way = distance(centre(shape.box), centre(before.box));
    const reach = REACH * Math.hypot(before.box[2], before.box[3]) * Math.abs(index - then);
    return way > reach ? 'place' : undefined;
  }

  accept(index: number, shape: Shape): void {
    this.last = { index, shape };
    this.areas.push(shape.area);
    if (this.areas.length > REMEMBERED) this.areas.shift();
  }
}

type Box = Shape['box'];

const centre = ([x, y, width, height]: Box) => [x + width / 2, y + height / 2];
const distance = ([ax, ay]: number[], [bx, by]: number[]) => Math.hypot(ax - bx, ay - by);

/** Intersection over union of two boxes, 0..1. */
export function overlap(a: Box, b: Box): number {
  const shared = [0, 1].map((axis) =>
    Math.max(0, Math.min(a[axis] + a[axis + 2], b[axis] + b[axis + 2]) - Math.max(a[axis], b[axis])),
  );
  const inside = shared[0] * shared[1];
  return inside / (a[2] * a[3] + b[2] * b[3] - inside);
}
