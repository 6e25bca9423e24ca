import type { RgbImage } from '../../contracts';
import type { Rect } from './rect';
import { LOWER, OFFSETS, slot, type System } from './stencil';

/** Regularisation of the colour line model, for colours from 0 to 1. */
const EPSILON = 1e-7;
const WINDOW = 9;

/** Where the earlier of two window pixels lies, seen from the later: by 9 * later + earlier. */
const SLOTS = Int8Array.from({ length: WINDOW * WINDOW }, (_, at) => {
  const [later, earlier] = [Math.floor(at / WINDOW), at % WINDOW];
  return slot((earlier % 3) - (later % 3), Math.floor(earlier / 3) - Math.floor(later / 3));
});

/**
 * The matting Laplacian of A. Levin, D. Lischinski and Y. Weiss, "A closed form solution to natural image matting",
 * CVPR 2006, over the unknown pixels of `rect`: for every 3 x 3 window w with colours c around their mean,
 * S = (eps + sum c c^T) / 9, L_ij += d_ij - (1 + c_i^T S^-1 c_j) / 9. Known pixels go to the right side.
 * @param alpha of every pixel, 0..1; what lies outside `rect` and what is not unknown counts as known
 * @param unknown 1 for every pixel of the picture that is to be found
 */
export function matteSystem(image: RgbImage, alpha: Float32Array, unknown: Uint8Array, rect: Rect): System {
  const { numbers, xs, ys } = number(unknown, image.width, rect);
  const size = xs.length;
  const system: System = {
    size,
    xs,
    ys,
    diagonal: new Float64Array(size),
    lower: new Float64Array(size * LOWER),
    neighbours: neighbours(numbers, rect, size),
    right: new Float64Array(size),
  };
  const columns = rect.right - rect.left;
  const rows = rect.bottom - rect.top;
  const own = new Int32Array(WINDOW);
  const places = new Int32Array(WINDOW);
  const window = new Window();
  // Centres of windows that reach into the rectangle and lie inside the picture.
  const firstX = Math.max(1, rect.left - 1);
  const lastX = Math.min(image.width - 2, rect.right);
  const lastY = Math.min(image.height - 2, rect.bottom);
  for (let y = Math.max(1, rect.top - 1); y <= lastY; y++) {
    for (let x = firstX; x <= lastX; x++) {
      let touched = false;
      for (let dy = -1, i = 0; dy <= 1; dy++) {
        const row = y + dy - rect.top;
        const inside = row >= 0 && row < rows;
        for (let dx = -1; dx <= 1; dx++, i++) {
          const column = x + dx - rect.left;
          const number = inside && column >= 0 && column < columns ? numbers[row * columns + column] : -1;
          own[i] = number;
          if (number >= 0) touched = true;
        }
      }
      if (!touched) continue;
      for (let dy = -1, i = 0; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++, i++) places[i] = (y + dy) * image.width + x + dx;
      }
      window.measure(image.data, places);
      add(system, window, own, places, alpha);
    }
  }
  return system;
}

/** Numbers the unknown pixels of a rectangle in order; the known ones have -1. */
function number(unknown: Uint8Array, width: number, { left, top, right, bottom }: Rect) {
  const numbers = new Int32Array((right - left) * (bottom - top)).fill(-1);
  let size = 0;
  for (let y = top, at = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, at++) if (unknown[y * width + x]) numbers[at] = size++;
  }
  const xs = new Int32Array(size);
  const ys = new Int32Array(size);
  for (let y = top, at = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, at++) {
      if (numbers[at] < 0) continue;
      xs[numbers[at]] = x;
      ys[numbers[at]] = y;
    }
  }
  return { numbers, xs, ys };
}

/** The numbers of the twelve earlier neighbours of each unknown. */
function neighbours(numbers: Int32Array, { left, right, top, bottom }: Rect, size: number): Int32Array {
  const columns = right - left;
  const rows = bottom - top;
  const found = new Int32Array(size * LOWER).fill(size);
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, at++) {
      const number = numbers[at];
      if (number < 0) continue;
      for (let k = 0; k < LOWER; k++) {
        const dx = OFFSETS[k][0];
        const dy = OFFSETS[k][1];
        if (x + dx < 0 || x + dx >= columns || y + dy < 0) continue;
        const other = numbers[at + dy * columns + dx];
        if (other >= 0) found[number * LOWER + k] = other;
      }
    }
  }
  return found;
}

/** Colours of one window around their mean, `centred`, and those times S^-1, `weighted`. */
class Window {
  readonly centred = new Float64Array(WINDOW * 3);
  readonly weighted = new Float64Array(WINDOW * 3);

  measure(data: Uint8Array, places: Int32Array): void {
    const { centred, weighted } = this;
    let [red, green, blue] = [0, 0, 0];
    for (let i = 0; i < WINDOW; i++) {
      const at = places[i] * 3;
      red += data[at];
      green += data[at + 1];
      blue += data[at + 2];
    }
    let [rr, rg, rb, gg, gb, bb] = [EPSILON, 0, 0, EPSILON, 0, EPSILON];
    for (let i = 0; i < WINDOW; i++) {
      const at = places[i] * 3;
      const r = (data[at] - red / WINDOW) / 255;
      const g = (data[at + 1] - green / WINDOW) / 255;
      const b = (data[at + 2] - blue / WINDOW) / 255;
      centred[i * 3] = r;
      centred[i * 3 + 1] = g;
      centred[i * 3 + 2] = b;
      rr += r * r;
      rg += r * g;
      rb += r * b;
      gg += g * g;
      gb += g * b;
      bb += b * b;
    }
    // The inverse by cofactors; WINDOW because S is a mean.
    const irr = gg * bb - gb * gb;
    const irg = gb * rb - rg * bb;
    const irb = rg * gb - gg * rb;
    const scale = WINDOW / (rr * irr + rg * irg + rb * irb);
    const igg = rr * bb - rb * rb;
    const igb = rg * rb - rr * gb;
    const ibb = rr * gg - rg * rg;
    for (let i = 0; i < WINDOW * 3; i += 3) {
      const r = centred[i] * scale;
      const g = centred[i + 1] * scale;
      const b = centred[i + 2] * scale;
      weighted[i] = irr * r + irg * g + irb * b;
      weighted[i + 1] = irg * r + igg * g + igb * b;
      weighted[i + 2] = irb * r + igb * g + ibb * b;
    }
  }
}

function add(
  { diagonal, lower, right }: System,
  { centred, weighted }: Window,
  own: Int32Array,
  places: Int32Array,
  alpha: Float32Array,
): void {
  for (let i = 0; i < WINDOW; i++) {
    const one = own[i];
    const r = weighted[i * 3];
    const g = weighted[i * 3 + 1];
    const b = weighted[i * 3 + 2];
    if (one >= 0) {
      diagonal[one] +=
        1 - (1 + r * centred[i * 3] + g * centred[i * 3 + 1] + b * centred[i * 3 + 2]) / WINDOW;
    }
    for (let j = 0; j < i; j++) {
      const other = own[j];
      if (one < 0 && other < 0) continue;
      const value = -(1 + r * centred[j * 3] + g * centred[j * 3 + 1] + b * centred[j * 3 + 2]) / WINDOW;
      if (one < 0) right[other] -= value * alpha[places[i]];
      else if (other < 0) right[one] -= value * alpha[places[j]];
      else lower[one * LOWER + SLOTS[i * WINDOW + j]] += value;
    }
  }
}
