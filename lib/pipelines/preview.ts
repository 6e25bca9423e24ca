import { join } from 'node:path';
import { FORMATS, type JobContext, type OutputFormat, type RgbImage, throwIfAborted } from '../contracts';
import { type DecodedImage, decodeImage, encodeImage, fitSide, overlay, resizeRgb } from '../image';
import type { Resources } from './resources';

/** Pixels of a cell's side, of the gap around it, and of a checkerboard square. */
const CELL = 480;
const GAP = 16;
const SQUARE = 16;
const PAPER = 255;
/** Pairs on one sheet; more would not be looked at. */
const MAX_PAIRS = 60;

/**
 * Draws a contact sheet: each photo beside its result, see-through parts on a checkerboard. Beyond 60 pairs
 * it shows an even selection.
 * @returns the sheet's path in the job's folder
 */
export async function contactSheet(
  resources: Resources,
  pairs: { before: string; after: string }[],
  format: OutputFormat,
  { signal, progress, tempDir }: JobContext,
): Promise<{ file: string }> {
  const shown = evenly(pairs, MAX_PAIRS);
  const { limits } = resources.config;
  const cells: RgbImage[] = [];
  for (const [index, { before, after }] of shown.entries()) {
    for (const file of [before, after]) {
      throwIfAborted(signal);
      cells.push(await fit(await decodeImage(file, { limits, signal })));
    }
    progress({ stage: 'preview', fraction: index / shown.length });
  }
  const sheet = arrange(cells, shown.length > 3 ? 4 : 2);
  const file = join(tempDir, `preview.${FORMATS[format].extension}`);
  await encodeImage(file, sheet, { format });
  return { file };
}

function evenly<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]);
}

async function fit({ rgb, alpha }: DecodedImage): Promise<RgbImage> {
  const { width, height } = fitSide(rgb, CELL);
  const square = SQUARE / (CELL / Math.max(rgb.width, rgb.height));
  const opaque = alpha ? overlay(rgb, alpha, checkerboard(rgb.width, rgb.height, square)) : rgb;
  return resizeRgb(opaque, width, height);
}

/** @param square side of a square, in pixels of the picture */
function checkerboard(width: number, height: number, square: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      data.fill((Math.floor(x / square) + Math.floor(y / square)) % 2 ? 204 : 240, at, at + 3);
    }
  }
  return { data, width, height };
}

/** Lays pictures out in rows of `columns`, each row as high as its highest picture. */
function arrange(cells: RgbImage[], columns: number): RgbImage {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) => {
    const pictures = cells.slice(row * columns, (row + 1) * columns);
    return { pictures, height: Math.max(...pictures.map(({ height }) => height)) };
  });
  const width = columns * (CELL + GAP) + GAP;
  const height = rows.reduce((sum, row) => sum + row.height + GAP, GAP);
  const sheet: RgbImage = { data: new Uint8Array(width * height * 3).fill(PAPER), width, height };
  let top = GAP;
  for (const row of rows) {
    row.pictures.forEach((picture, column) => {
      const left = GAP + column * (CELL + GAP) + Math.floor((CELL - picture.width) / 2);
      paste(sheet, picture, left, top + Math.floor((row.height - picture.height) / 2));
    });
    top += row.height + GAP;
  }
  return sheet;
}

function paste(sheet: RgbImage, picture: RgbImage, left: number, top: number): void {
  const bytes = picture.width * 3;
  for (let row = 0; row < picture.height; row++) {
    const line = picture.data.subarray(row * bytes, (row + 1) * bytes);
    sheet.data.set(line, ((top + row) * sheet.width + left) * 3);
  }
}
