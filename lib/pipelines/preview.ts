import { join } from 'node:path';
import { FORMATS, type JobContext, type OutputFormat, type RgbImage, throwIfAborted } from '../contracts';
import { type DecodedImage, decodeImage, encodeImage, fitSide, overlay, resizeRgb } from '../image';
import { arrange, checkerboard } from './contact-sheet';
import type { Resources } from './resources';

/** Pixels of a cell's side, of the gap around it, and of a checkerboard's square. */
const CELL = 480;
const GAP = 16;
const SQUARE = 16;
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
  const sheet = arrange(cells, { columns: shown.length > 3 ? 4 : 2, cell: CELL, gap: GAP });
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
