import { type RgbImage, throwIfAborted } from '../contracts';
import { LINEAR, ditherRow } from '../image';
import type { Placed } from './place';
import type { Backdrop } from './types';

/** Rows between two looks at the signal. */
const ROWS = 64;

/**
 * Lays a product over its backdrop in linear light, row by row. Opaque pixels of the product are copied as they are.
 * @throws VitrineError CANCELLED
 */
export function composite(
  backdrop: Backdrop,
  product: Placed,
  { width, height }: { width: number; height: number },
  signal: AbortSignal,
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const row = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) throwIfAborted(signal);
    backdrop.paint(y, row);
    const span = spanOf(product, y, width);
    if (span) mixRow(row, product, span);
    ditherRow(row, width, { x: 0, y }, data, y * width * 3);
    if (span) copyOpaque(data, y * width * 3, product, span);
  }
  return { data, width, height };
}

/** The part of a row of the product that lies in the frame. */
interface Span {
  /** First pixel of the product's layers. */
  from: number;
  /** First pixel of the frame's row. */
  to: number;
  count: number;
}

function spanOf({ alpha, x, y: top }: Placed, y: number, width: number): Span | undefined {
  const line = y - top;
  if (line < 0 || line >= alpha.height) return undefined;
  const skipped = Math.max(0, -x);
  const count = Math.min(alpha.width - skipped, width - Math.max(0, x));
  if (count <= 0) return undefined;
  return { from: line * alpha.width + skipped, to: Math.max(0, x), count };
}

function mixRow(row: Float32Array, { image, alpha }: Placed, { from, to, count }: Span): void {
  for (let pixel = from, at = to * 3; pixel < from + count; pixel++, at += 3) {
    const cover = alpha.data[pixel] / 255;
    if (cover === 0) continue;
    for (let c = 0; c < 3; c++) row[at + c] += (LINEAR[image.data[pixel * 3 + c]] - row[at + c]) * cover;
  }
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
