import { Cholesky } from './cholesky';
import type { Pause } from './pause';
import { LOWER, type System } from './stencil';

/** More steps than a factor in single precision has ever needed. */
const MAX_STEPS = 200;

/**
 * Solves L x = b by conjugate gradients, preconditioned by a factorisation.
 * @param tolerance the solver stops once the residual's norm is this share of the right side's
 * @returns the solution, `size + 1` numbers of which the last is 0; and the steps it took
 * @throws VitrineError CANCELLED
 */
export async function solve(
  system: System,
  tolerance: number,
  pause: Pause,
): Promise<{ x: Float64Array; steps: number }> {
  const { size, right } = system;
  const goal = tolerance * Math.sqrt(dot(right, right, size));
  const x = new Float64Array(size + 1);
  const factor = await Cholesky.of(system, pause);
  const residual = right.slice();
  const direction = new Float64Array(size + 1);
  const preconditioned = new Float64Array(size + 1);
  const product = new Float64Array(size + 1);
  let steps = 0;
  let energy = 0;
  for (let left = Infinity; left > goal && steps < MAX_STEPS; steps++) {
    await pause();
    factor.apply(residual, preconditioned);
    const before = energy;
    energy = dot(residual, preconditioned, size);
    if (energy === 0) break;
    const keep = before > 0 ? energy / before : 0;
    for (let i = 0; i < size; i++) direction[i] = preconditioned[i] + keep * direction[i];
    multiply(system, direction, product);
    const step = energy / dot(direction, product, size);
    for (let i = 0; i < size; i++) {
      x[i] += step * direction[i];
      residual[i] -= step * product[i];
    }
    left = Math.sqrt(dot(residual, residual, size));
  }
  return { x, steps };
}

/** Writes L x. */
function multiply(
  { size, diagonal, lower, neighbours }: System,
  x: Float64Array,
  result: Float64Array,
): void {
  for (let i = 0; i < size; i++) result[i] = diagonal[i] * x[i];
  for (let i = 0, at = 0; i < size; i++, at += LOWER) {
    const own = x[i];
    let sum = 0;
    for (let k = at; k < at + LOWER; k++) {
      const other = neighbours[k];
      sum += lower[k] * x[other];
      result[other] += lower[k] * own;
    }
    result[i] += sum;
  }
  result[size] = 0;
}

function dot(a: Float64Array, b: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += a[i] * b[i];
  return sum;
}
