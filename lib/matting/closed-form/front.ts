/**
 * Eliminates the first `pivots` unknowns of a dense symmetric matrix by Cholesky: L's columns stand in their place, and
 * the Schur complement in the rest. Lower triangle, row by row. Rows and columns go four at a time, so that what is
 * loaded is used four times.
 */
export function factorFront(a: Float64Array, order: number, pivots: number): void {
  for (let i = 0; i < order; i += 4) {
    const rows = Math.min(4, order - i);
    for (let j = 0; j <= i; j += 4) {
      const columns = Math.min(4, order - j);
      const known = Math.min(j, pivots);
      if (rows === 4 && columns === 4) subtractProducts(a, i * order, j * order, order, known, j);
      else subtractSlowly(a, i, rows, j, columns, order, known);
      if (j < pivots) finish(a, i, rows, j, Math.min(columns, pivots - j), columns, order);
    }
  }
}

/** Four rows times four rows over their first `known` columns, taken from the 4 x 4 block in column `j`. */
function subtractProducts(
  a: Float64Array,
  rowI: number,
  rowJ: number,
  order: number,
  known: number,
  j: number,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  let p0 = rowI;
  let p1 = p0 + order;
  let p2 = p1 + order;
  let p3 = p2 + order;
  let q0 = rowJ;
  let q1 = q0 + order;
  let q2 = q1 + order;
  let q3 = q2 + order;
  for (let k = 0; k < known; k++) {
    const u0 = a[p0++];
    const u1 = a[p1++];
    const u2 = a[p2++];
    const u3 = a[p3++];
    const v0 = a[q0++];
    const v1 = a[q1++];
    const v2 = a[q2++];
    const v3 = a[q3++];
    s00 += u0 * v0;
    s01 += u0 * v1;
    s02 += u0 * v2;
    s03 += u0 * v3;
    s10 += u1 * v0;
    s11 += u1 * v1;
    s12 += u1 * v2;
    s13 += u1 * v3;
    s20 += u2 * v0;
    s21 += u2 * v1;
    s22 += u2 * v2;
    s23 += u2 * v3;
    s30 += u3 * v0;
    s31 += u3 * v1;
    s32 += u3 * v2;
    s33 += u3 * v3;
  }
  let at = rowI + j;
  a[at] -= s00;
  a[at + 1] -= s01;
  a[at + 2] -= s02;
  a[at + 3] -= s03;
  at += order;
  a[at] -= s10;
  a[at + 1] -= s11;
  a[at + 2] -= s12;
  a[at + 3] -= s13;
  at += order;
  a[at] -= s20;
  a[at + 1] -= s21;
  a[at + 2] -= s22;
  a[at + 3] -= s23;
  at += order;
  a[at] -= s30;
  a[at + 1] -= s31;
  a[at + 2] -= s32;
  a[at + 3] -= s33;
}

function subtractSlowly(
  a: Float64Array,
  i: number,
  rows: number,
  j: number,
  columns: number,
  order: number,
  known: number,
): void {
  for (let r = i; r < i + rows; r++) {
    for (let c = j; c < j + columns; c++) {
      let sum = 0;
      for (let k = 0; k < known; k++) sum += a[r * order + k] * a[c * order + k];
      a[r * order + c] -= sum;
    }
  }
}

/** Within one block: the pivots' own columns, and what they take from the block's other columns. */
function finish(
  a: Float64Array,
  i: number,
  rows: number,
  j: number,
  pivots: number,
  columns: number,
  order: number,
): void {
  for (let r = i; r < i + rows; r++) {
    for (let c = j; c < j + columns && c <= r; c++) {
      let sum = a[r * order + c];
      const known = Math.min(c, j + pivots);
      for (let k = j; k < known; k++) sum -= a[r * order + k] * a[c * order + k];
      if (c >= j + pivots) a[r * order + c] = sum;
      else if (c < r) a[r * order + c] = sum / a[c * order + c];
      // A window of one colour alone leaves next to nothing; a tiny pivot keeps the factor finite.
      else a[r * order + c] = Math.sqrt(Math.max(sum, 1e-12));
    }
  }
}
