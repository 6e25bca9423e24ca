import type { Row } from '../noise';
import type { Light3 } from '../types';
import type { Material } from './types';

/** Lines as long as a row, to be worked in for one row after the other. */
export function linesOf(length: number, count: number): Float32Array[] {
  return Array.from({ length: count }, () => new Float32Array(length));
}

/** A row in another unit, with its origin moved. */
export function stretched({ x, y, step }: Row, across: number, down: number, dx = 0, dy = 0): Row {
  return { x: x * across + dx, y: y * down + dy, step: step * across };
}

/** Colours between base and accent by how dark each place is; beyond 0..1 it is one of the two. */
export function shade({ base, accent }: Material, dark: Float32Array, out: Float32Array): void {
  const change = accent.map((light, c) => light - base[c]) as Light3;
  for (let index = 0, at = 0; index < dark.length; index++, at += 3) {
    const share = Math.min(1, Math.max(0, dark[index]));
    out[at] = base[0] + change[0] * share;
    out[at + 1] = base[1] + change[1] * share;
    out[at + 2] = base[2] + change[2] * share;
  }
}
