import { between } from '../../image';
import type { BorderModel } from './border';
import { BACKDROP, brushFlood } from './flood';
import type { Relief } from './relief';
import { paintSurface } from './surface';

/** Farthest (Lab) that a smooth change may lead away from the rim's own surface, in lightness and in chroma. */
const LIGHT_DRIFT = 34;
const TINT_DRIFT = 8;
/** By how much more detail the flood passes when it is not strict. */
const LENIENCY = 5;
/** Errors (Lab) not worth bending for. */
const NEGLIGIBLE = 0.05;
/** Cells across the grid on which the surface is corrected. */
const GRID = 64;

export interface Backdrop {
  /** Its colour everywhere, behind the product too; interleaved. */
  lab: Float32Array;
  /** `BACKDROP` where it was reached from the rim. */
  reached: Uint8Array;
  /** 1 where the picture has no edge. */
  smooth: Uint8Array;
  /** How much its lightness varies over the picture. */
  range: number;
}

/**
 * The backdrop's colour everywhere, behind the product too. From the rim inwards whatever is reached without
 * meeting an edge is backdrop; the rim's surface is bent to run through it, and spanned across the rest.
 * @param lab the picture, interleaved
 * @param strict whether faint outlines stop it too
 */
export function spanBackdrop(
  lab: Float32Array,
  relief: Relief,
  border: BorderModel,
  width: number,
  height: number,
  brush: number,
  strict: boolean,
): Backdrop {
  const backdrop = paintSurface(border.surface, width, height);
  const { gradient, detail, smoothDetail, smoothSlope } = relief;
  const steepest = Math.max(0.88, 1.05 * smoothSlope);
  const smooth = new Uint8Array(width * height);
  const near = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < smooth.length; i++, at += 3) {
    if (gradient[i] > steepest || (strict && detail[i] > smoothDetail)) continue;
    smooth[i] = 1;
    if (detail[i] > LENIENCY * smoothDetail) continue;
    const dimming = (lab[at] + 16) / (backdrop[at] + 16);
    const dL = (lab[at] - backdrop[at]) / LIGHT_DRIFT;
    const da = (lab[at + 1] - backdrop[at + 1] * dimming) / TINT_DRIFT;
    const db = (lab[at + 2] - backdrop[at + 2] * dimming) / TINT_DRIFT;
    if (dL * dL + da * da + db * db < 1) near[i] = 1;
  }
  const reached = brushFlood(near, width, height, brush);
  bend(backdrop, lab, reached, width, height);
  return { lab: backdrop, reached, smooth, range: lightnessRange(backdrop) };
}

function lightnessRange(lab: Float32Array): number {
  let least = Infinity;
  let most = -Infinity;
  for (let at = 0; at < lab.length; at += 3) {
    least = Math.min(least, lab[at]);
    most = Math.max(most, lab[at]);
  }
  return most - least;
}

/** Adds to the backdrop its mean error over the reached pixels of each cell, spread smoothly over the others. */
function bend(
  backdrop: Float32Array,
  lab: Float32Array,
  reached: Uint8Array,
  width: number,
  height: number,
): void {
  const cell = Math.max(4, Math.ceil(Math.sqrt(width * height) / GRID));
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const sums = new Float32Array(columns * rows * 4);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < width; x++, i++) {
      if (reached[i] !== BACKDROP) continue;
      const to = (row + Math.floor(x / cell)) * 4;
      for (let c = 0; c < 3; c++) sums[to + c] += lab[i * 3 + c] - backdrop[i * 3 + c];
      sums[to + 3]++;
    }
  }
  const errors = pullPush(sums, columns, rows);
  if (errors.every((error) => Math.abs(error) < NEGLIGIBLE)) return;
  const line = new Float32Array(columns * 3);
  const across = between(width, cell, columns);
  const down = between(height, cell, rows);
  for (let y = 0; y < height; y++) {
    const top = down.first[y] * columns * 3;
    const below = down.second[y] * columns * 3;
    const fy = down.share[y];
    for (let c = 0; c < line.length; c++)
      line[c] = errors[top + c] + (errors[below + c] - errors[top + c]) * fy;
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const from = across.first[x] * 3;
      const next = across.second[x] * 3;
      const fx = across.share[x];
      backdrop[at] += line[from] + (line[next] - line[from]) * fx;
      backdrop[at + 1] += line[from + 1] + (line[next + 1] - line[from + 1]) * fx;
      backdrop[at + 2] += line[from + 2] + (line[next + 2] - line[from + 2]) * fx;
    }
  }
}

/**
 * Fills the cells without weight from ever coarser means (Gortler et al., "The Lumigraph", 1996).
 * @param sums interleaved: three weighted sums and the weight
 * @returns interleaved means
 */
function pullPush(sums: Float32Array, columns: number, rows: number): Float32Array {
  const means = new Float32Array(columns * rows * 3);
  if (columns * rows === 1) {
    for (let c = 0; c < 3; c++) means[c] = sums[3] > 0 ? sums[c] / sums[3] : 0;
    return means;
  }
  const halfColumns = Math.ceil(columns / 2);
  const halfRows = Math.ceil(rows / 2);
  const halves = new Float32Array(halfColumns * halfRows * 4);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const from = (y * columns + x) * 4;
      if (sums[from + 3] === 0) continue;
      const to = ((y >> 1) * halfColumns + (x >> 1)) * 4;
      // A cell counts once, however many pixels it had.
      const weight = Math.min(1, sums[from + 3] / 4) / sums[from + 3];
      for (let c = 0; c < 4; c++) halves[to + c] += sums[from + c] * weight;
    }
  }
  const coarse = pullPush(halves, halfColumns, halfRows);
  const across = between(columns, 2, halfColumns);
  const down = between(rows, 2, halfRows);
  for (let y = 0; y < rows; y++) {
    const top = down.first[y] * halfColumns;
    const bottom = down.second[y] * halfColumns;
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const weight = Math.min(1, sums[i * 4 + 3] / 4);
      const left = across.first[x];
      const right = across.second[x];
      for (let c = 0; c < 3; c++) {
        const topLeft = coarse[(top + left) * 3 + c];
        const bottomLeft = coarse[(bottom + left) * 3 + c];
        const above = topLeft + (coarse[(top + right) * 3 + c] - topLeft) * across.share[x];
        const below = bottomLeft + (coarse[(bottom + right) * 3 + c] - bottomLeft) * across.share[x];
        const filled = above + (below - above) * down.share[y];
        means[i * 3 + c] =
          weight === 0 ? filled : (sums[i * 4 + c] / sums[i * 4 + 3]) * weight + filled * (1 - weight);
      }
    }
  }
  return means;
}
