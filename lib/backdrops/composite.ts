import { type Look, type RgbImage, throwIfAborted } from '../contracts';
import { ditherRow } from '../image';
import { type Floor, floorOf } from './floor';
import { type Gains, litTables } from './match';
import { type Placed, type Size, type Span, spanOf } from './place';
import type { Surroundings } from './surroundings';
import type { Backdrop } from './types';

/** Rows between two looks at the signal. */
const ROWS = 64;

export interface CompositeOptions {
  frame: Size;
  look: Look;
  surroundings: Surroundings;
  /** Factors of the product's linear light. */
  gains: Gains;
  /** False: nothing of the scene's light on the product's edge, and its opaque pixels stay what they are. */
  wrap: boolean;
  signal: AbortSignal;
}

/**
 * Puts a product on its backdrop, in linear light and row by row: the floor's shadow and reflection, then the product
 * in the scene's light. Without `wrap` and with gains of 1 its opaque pixels are copied as they are.
 * @throws VitrineError CANCELLED
 */
export function composite(backdrop: Backdrop, product: Placed, options: CompositeOptions): RgbImage {
  const { frame, signal } = options;
  const { width, height } = frame;
  const floor = floorOf(backdrop, product, options);
  const untouched = !options.wrap && options.gains.every((gain) => gain === 1);
  const painter = productPainter(product, options, floor.wrap);
  throwIfAborted(signal);

  const data = new Uint8Array(width * height * 3);
  const row = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) throwIfAborted(signal);
    backdrop.paint(y, row);
    floor.paint(y, row);
    const span = spanOf(product, y, width);
    if (span) painter(y, row, span);
    ditherRow(row, width, { x: 0, y }, data, y * width * 3);
    if (span && untouched) copyOpaque(data, y * width * 3, product, span);
  }
  return { data, width, height };
}

/** Lays a row of the product over the light of its backdrop. */
function productPainter(
  { image, alpha }: Placed,
  { gains, surroundings, frame }: CompositeOptions,
  wrap: Floor['wrap'],
): (y: number, row: Float32Array, span: Span) => void {
  const [red, green, blue] = litTables(gains);
  return (y, row, { from, to, count }) => {
    const wrapped = wrap?.cells.row(wrap.plane, y);
    const aroundRow = Math.min(surroundings.rows - 1, Math.floor((y / frame.height) * surroundings.rows));
    for (let pixel = from, x = to; pixel < from + count; pixel++, x++) {
      const cover = alpha.data[pixel];
      if (cover === 0) continue;
      const at = x * 3;
      let r = red[image.data[pixel * 3]];
      let g = green[image.data[pixel * 3 + 1]];
      let b = blue[image.data[pixel * 3 + 2]];
      if (wrapped) {
        const { line, first, share } = wrapped;
        const cell = first[x];
        const w = line[cell] + (line[cell + 1] - line[cell]) * share[x];
        if (w > 0.002) {
          const column = Math.floor((x * surroundings.columns) / frame.width);
          const around = (aroundRow * surroundings.columns + column) * 3;
          r += (surroundings.data[around] - r) * w;
          g += (surroundings.data[around + 1] - g) * w;
          b += (surroundings.data[around + 2] - b) * w;
        }
      }
      const a = cover / 255;
      row[at] += (r - row[at]) * a;
      row[at + 1] += (g - row[at + 1]) * a;
      row[at + 2] += (b - row[at + 2]) * a;
    }
  };
}

function copyOpaque(
  data: Uint8Array,
  start: number,
  { image, alpha }: Placed,
  { from, to, count }: Span,
): void {
  for (let pixel = from, at = start + to * 3; pixel < from + count; pixel++, at += 3) {
    if (alpha.data[pixel] !== 255) continue;
    data[at] = image.data[pixel * 3];
    data[at + 1] = image.data[pixel * 3 + 1];
    data[at + 2] = image.data[pixel * 3 + 2];
  }
}
