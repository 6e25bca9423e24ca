/** A projective map of the plane, 3 x 3, row by row: (x, y, 1) to (u, v, w), which stands for (u / w, v / w). */
export type Matrix = readonly number[];

export const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** First the last one, then the one before it, and so on. */
export function multiply(...matrices: Matrix[]): Matrix {
  return matrices.reduce((a, b) =>
    a.map((_, at) => {
      const [row, column] = [Math.floor(at / 3) * 3, at % 3];
      return a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6];
    }),
  );
}

/** The map back; `matrix` must not flatten the plane. */
export function invert(matrix: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const minors = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].flat();
  const determinant = a * minors[0] + b * minors[3] + c * minors[6];
  return minors.map((minor) => minor / determinant);
}

export const translation = (x: number, y: number): Matrix => [1, 0, x, 0, 1, y, 0, 0, 1];

type Point = readonly [number, number];

/** The projective map that brings four points to the corners of a rectangle: left top, right top, right low, left low. */
export function toRectangle(points: readonly Point[], width: number, height: number): Matrix {
  return invert(multiply(fromUnitSquare(points), [1 / width, 0, 0, 0, 1 / height, 0, 0, 0, 1]));
}

/**
 * The corners of the unit square to four points.
 * Formula: P. Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3.
 */
function fromUnitSquare([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: readonly Point[]): Matrix {
  const [dx1, dx2, dx3] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, dy3] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / area;
  const h = (dx1 * dy3 - dx3 * dy1) / area;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1];
}
