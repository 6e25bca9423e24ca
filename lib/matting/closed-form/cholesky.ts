import { factorFront } from './front';
import { type Front, dissect } from './dissection';
import type { Pause } from './pause';
import { LOWER, type System } from './stencil';

/** One eliminated front: its pivots' columns of the factor. */
interface Block {
  /** Numbers of the rows: the pivots, then those that the elimination reaches. */
  rows: Int32Array;
  pivots: number;
  /** `rows.length` x `pivots`, row by row; of the first rows only the lower triangle counts. */
  factor: Float32Array;
}

/** What is left for the parents: the lower triangle of a square, row by row with full rows. */
interface Update {
  rows: Int32Array;
  values: Float64Array;
}

/**
 * Cholesky factorisation of a system by dense fronts along a nested dissection (I. S. Duff and J. K. Reid, "The
 * multifrontal solution of indefinite sparse symmetric linear equations", 1983). Computed in double precision and kept
 * in single, it makes conjugate gradients converge in one to three steps.
 */
export class Cholesky {
  private readonly blocks: Block[] = [];

  private constructor(private readonly size: number) {}

  /** @throws VitrineError CANCELLED */
  static async of(system: System, pause: Pause): Promise<Cholesky> {
    const elimination = new Elimination(system);
    const factor = new Cholesky(system.size);
    for (const front of elimination.fronts) {
      await pause();
      factor.blocks.push(elimination.next(front));
    }
    return factor;
  }

  /**
   * Solves M z = r.
   * @param residual `size` numbers
   * @param result `size + 1` numbers; the last stays 0
   */
  apply(residual: Float64Array, result: Float64Array): void {
    const { blocks } = this;
    result.set(residual);
    for (let b = 0; b < blocks.length; b++) {
      const { rows, pivots, factor } = blocks[b];
      for (let i = 0, at = 0; i < rows.length; i++, at += pivots) {
        let sum = result[rows[i]];
        const known = Math.min(i, pivots);
        for (let k = 0; k < known; k++) sum -= factor[at + k] * result[rows[k]];
        result[rows[i]] = i < pivots ? sum / factor[at + i] : sum;
      }
    }
    for (let b = blocks.length - 1; b >= 0; b--) {
      const { rows, pivots, factor } = blocks[b];
      for (let i = rows.length - 1, at = i * pivots; i >= 0; i--, at -= pivots) {
        if (i < pivots) result[rows[i]] /= factor[at + i];
        const value = result[rows[i]];
        const open = Math.min(i, pivots);
        for (let k = 0; k < open; k++) result[rows[k]] -= factor[at + k] * value;
      }
    }
    result[this.size] = 0;
  }
}

/** The work on one system, front after front. */
class Elimination {
  /** In the order of elimination. */
  readonly fronts: Front[] = [];
  /** When each unknown is eliminated. */
  private readonly place: Int32Array;
  /** Row of each unknown in the current front. */
  private readonly local: Int32Array;
  private readonly upper: Int32Array;
  private readonly updates = new Map<Front, Update>();
  private buffer = new Float64Array(1 << 16);

  constructor(private readonly system: System) {
    this.place = new Int32Array(system.size);
    this.local = new Int32Array(system.size);
    this.upper = laterNeighbours(system);
    let next = 0;
    const number = (front: Front): void => {
      front.children.forEach(number);
      for (let i = 0; i < front.pivots.length; i++) this.place[front.pivots[i]] = next++;
      this.fronts.push(front);
    };
    dissect(system.xs, system.ys).forEach(number);
  }

  next(front: Front): Block {
    const { pivots, children } = front;
    const updates = children.flatMap((child) => this.updates.get(child) ?? []);
    for (const child of children) this.updates.delete(child);
    const rows = this.rowsOf(pivots, updates);
    const order = rows.length;
    if (this.buffer.length < order * order) this.buffer = new Float64Array(order * order);
    const matrix = this.buffer;
    matrix.fill(0, 0, order * order);
    this.gather(pivots, matrix, order);
    for (const update of updates) this.extend(update, matrix, order);
    factorFront(matrix, order, pivots.length);

    const count = pivots.length;
    const factor = new Float32Array(order * count);
    for (let i = 0; i < order; i++) factor.set(matrix.subarray(i * order, i * order + count), i * count);
    const rest = order - count;
    if (rest) {
      const values = new Float64Array(rest * rest);
      for (let i = 0; i < rest; i++) {
        const from = (i + count) * order + count;
        values.set(matrix.subarray(from, from + i + 1), i * rest);
      }
      this.updates.set(front, { rows: rows.subarray(count), values });
    }
    return { rows, pivots: count, factor };
  }

  /** The pivots, then in their order whatever the elimination reaches; leaves each one's row in `local`. */
  private rowsOf(pivots: Int32Array, updates: Update[]): Int32Array {
    const { place, local, upper } = this;
    const { size, neighbours } = this.system;
    const last = place[pivots[pivots.length - 1]];
    const reached: number[] = [];
    const reach = (pixel: number): void => {
      if (pixel === size || place[pixel] <= last || local[pixel] === -1) return;
      local[pixel] = -1;
      reached.push(pixel);
    };
    for (let i = 0; i < pivots.length; i++) {
      const at = pivots[i] * LOWER;
      for (let k = at; k < at + LOWER; k++) {
        reach(neighbours[k]);
        reach(upper[k]);
      }
    }
    for (const { rows } of updates) for (let i = 0; i < rows.length; i++) reach(rows[i]);
    reached.sort((a, b) => place[a] - place[b]);
    const rows = new Int32Array(pivots.length + reached.length);
    rows.set(pivots);
    rows.set(reached, pivots.length);
    for (let i = 0; i < rows.length; i++) local[rows[i]] = i;
    return rows;
  }

  /** The system's own entries of the pivots' columns. */
  private gather(pivots: Int32Array, matrix: Float64Array, order: number): void {
    const { place, local, upper } = this;
    const { size, diagonal, lower, neighbours } = this.system;
    for (let column = 0; column < pivots.length; column++) {
      const pixel = pivots[column];
      matrix[column * order + column] += diagonal[pixel];
      for (let k = 0; k < LOWER; k++) {
        const earlier = neighbours[pixel * LOWER + k];
        if (earlier !== size && place[earlier] > place[pixel]) {
          matrix[local[earlier] * order + column] += lower[pixel * LOWER + k];
        }
        const later = upper[pixel * LOWER + k];
        if (later !== size && place[later] > place[pixel]) {
          matrix[local[later] * order + column] += lower[later * LOWER + k];
        }
      }
    }
  }

  private extend({ rows, values }: Update, matrix: Float64Array, order: number): void {
    const { local } = this;
    const count = rows.length;
    for (let i = 0; i < count; i++) {
      const row = local[rows[i]] * order;
      for (let j = 0; j <= i; j++) matrix[row + local[rows[j]]] += values[i * count + j];
    }
  }
}

/** Of each unknown those that have it as earlier neighbour k; `size` where there is none. */
function laterNeighbours({ size, neighbours }: System): Int32Array {
  const upper = new Int32Array(size * LOWER).fill(size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < LOWER; k++) {
      const earlier = neighbours[i * LOWER + k];
      if (earlier !== size) upper[earlier * LOWER + k] = i;
    }
  }
  return upper;
}
