import { join } from 'node:path';
import { FORMATS, type JobContext, type OutputFormat, type RgbImage, throwIfAborted } from '../contracts';
import { type DecodedImage, decodeImage, encodeImage, overlay, resizeRgb } from '../image';
import type { Studio } from './studio';

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
  studio: Studio,
  pairs: { before: string; after: string }[],
  format: OutputFormat,
  { signal, progress, tempDir }: JobContext,
): Promise<{ file: string }> {
  const shown = evenly(pairs, MAX_PAIRS);
  const columns = shown.length > 3 ? 2 : 1;
  const rows = Math.ceil(shown.length / columns);
  const sheet = paper(columns * (2 * CELL + 3 * GAP), rows * (CELL + GAP) + GAP);
  for (const [index, { before, after }] of shown.entries()) {
    throwIfAborted(signal);
    const left = (index % columns) * (2 * CELL + 3 * GAP) + GAP;
    const top = Math.floor(index / columns) * (CELL + GAP) + GAP;
    for (const [side, file] of [before, after].entries()) {
      const { limits, ffmpegPath } = studio.config;
      const picture = await decodeImage(file, { limits, ffmpegPath, signal, tempDir });
      paste(sheet, await fit(picture), left + side * (CELL + GAP), top);
    }
    progress({ stage: 'preview', fraction: index / shown.length });
  }
  const file = join(tempDir, `preview.${FORMATS[format].extension}`);
  await encodeImage(file, sheet, { format });
  return { file };
}

function evenly<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]);
}

async function fit({ rgb, alpha }: DecodedImage): Promise<RgbImage> {
  const scale = CELL / Math.max(rgb.width, rgb.height);
  const width = Math.max(1, Math.round(rgb.width * scale));
  const height = Math.max(1, Math.round(rgb.height * scale));
  const opaque = alpha ? overlay(rgb, alpha, checkerboard(rgb.width, rgb.height, SQUARE / scale)) : rgb;
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

function paper(width: number, height: number): RgbImage {
  return { data: new Uint8Array(width * height * 3).fill(PAPER), width, height };
}

/** Copies `picture` into the middle of the cell whose corner is at `left`, `top`. */
function paste(sheet: RgbImage, picture: RgbImage, left: number, top: number): void {
  const x = left + Math.floor((CELL - picture.width) / 2);
  const y = top + Math.floor((CELL - picture.height) / 2);
  const bytes = picture.width * 3;
  for (let row = 0; row < picture.height; row++) {
    const line = picture.data.subarray(row * bytes, (row + 1) * bytes);
    sheet.data.set(line, ((y + row) * sheet.width + x) * 3);
  }
}
