/** A polynomial over the picture, x and y from -1 to 1: 1, x, y, x², xy, y² (the first `terms` of them). */
export interface Surface {
  terms: number;
  /** `terms` x 3, interleaved by channel. */
  coefficients: Float64Array;
}

const MAX_TERMS = 6;

/**
 * Weighted least squares by normal equations.
 * @param lab interleaved, three channels per point
 * @param weights 0 leaves a point out
 */
export function fitSurface(
  x: Float32Array,
  y: Float32Array,
  lab: Float32Array,
  weights: Float32Array,
  terms: number,
): Surface {
  const columns = terms + 3;
  const system = new Float64Array(terms * columns);
  const basis = new Float64Array(MAX_TERMS);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    basis[0] = 1;
    basis[1] = x[i];
    basis[2] = y[i];
    basis[3] = x[i] * x[i];
    basis[4] = x[i] * y[i];
    basis[5] = y[i] * y[i];
    for (let r = 0; r < terms; r++) {
      const scaled = weight * basis[r];
      for (let c = 0; c < terms; c++) system[r * columns + c] += scaled * basis[c];
      for (let c = 0; c < 3; c++) system[r * columns + terms + c] += scaled * lab[i * 3 + c];
    }
  }
  // A touch of damping keeps a rim that lies on one line (very flat pictures) solvable.
  for (let r = 0; r < terms; r++) system[r * columns + r] += 1e-4 * (r === 0 ? 1e-6 : 1) * (system[0] + 1);
  return { terms, coefficients: solve(system, terms) };
}

/** Gaussian elimination with pivoting on a `terms` x (`terms` + 3) system. */
function solve(system: Float64Array, terms: number): Float64Array {
  const columns = terms + 3;
  for (let pivot = 0; pivot < terms; pivot++) {
    let best = pivot;
    for (let r = pivot + 1; r < terms; r++) {
      if (Math.abs(system[r * columns + pivot]) > Math.abs(system[best * columns + pivot])) best = r;
    }
    for (let c = 0; c < columns; c++) {
      const kept = system[pivot * columns + c];
      system[pivot * columns + c] = system[best * columns + c];
      system[best * columns + c] = kept;
    }
    const divisor = system[pivot * columns + pivot];
    for (let c = pivot; c < columns; c++) system[pivot * columns + c] /= divisor;
    for (let r = 0; r < terms; r++) {
      const factor = system[r * columns + pivot];
      if (r === pivot || factor === 0) continue;
      for (let c = pivot; c < columns; c++) system[r * columns + c] -= factor * system[pivot * columns + c];
    }
  }
  const coefficients = new Float64Array(terms * 3);
  for (let r = 0; r < terms; r++) {
    for (let c = 0; c < 3; c++) coefficients[r * 3 + c] = system[r * columns + terms + c];
  }
  return coefficients;
}

/** Evaluates the surface at every pixel centre, interleaved. */
export function paintSurface(
  { terms, coefficients: k }: Surface,
  width: number,
  height: number,
): Float32Array {
  const out = new Float32Array(width * height * 3);
  for (let py = 0; py < height; py++) {
    const y = (2 * py + 1) / height - 1;
    for (let c = 0; c < 3; c++) {
      let constant = k[c];
      let linear = 0;
      let square = 0;
      if (terms >= 3) {
        constant += k[6 + c] * y;
        linear += k[3 + c];
      }
      if (terms >= 6) {
        constant += k[15 + c] * y * y;
        linear += k[12 + c] * y;
        square = k[9 + c];
      }
      let at = py * width * 3 + c;
      for (let px = 0; px < width; px++, at += 3) {
        const x = (2 * px + 1) / width - 1;
        out[at] = constant + x * (linear + x * square);
      }
    }
  }
  return out;
}

/**
 * Lab distance of one colour to the surface at one place.
 * @param x `y` -1..1
 * @param lab interleaved
 * @param at where the colour starts
 */
export function distanceTo(surface: Surface, x: number, y: number, lab: Float32Array, at: number): number {
  const { terms, coefficients: k } = surface;
  let sum = 0;
  for (let c = 0; c < 3; c++) {
    let value = k[c] - lab[at + c];
    if (terms >= 3) value += k[3 + c] * x + k[6 + c] * y;
    if (terms >= 6) value += k[9 + c] * x * x + k[12 + c] * x * y + k[15 + c] * y * y;
    sum += value * value;
  }
  return Math.sqrt(sum);
}
