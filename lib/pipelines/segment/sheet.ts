import type { FramePicture } from './picture';
import { type RgbImage } from '../../contracts';
import { overlay, resizeRgb } from '../../image';
import { arrange, checkerboard } from '../contact-sheet';

/** Pixels of a cell's side, of the gap around it; cells of a row; frames on one sheet. */
const CELL = 200;
const GAP = 8;
const COLUMNS = 6;
const MOST = 36;

/** A contact sheet of a clip's pictures: an even selection of them, see-through parts on a checkerboard. */
export class FrameSheet {
  private readonly cells: RgbImage[] = [];
  private readonly shown: Set<number>;

  /** @param total pictures of the clip */
  constructor(total: number) {
    const count = Math.min(MOST, total);
    this.shown = new Set(Array.from({ length: count }, (_, i) => Math.floor((i * total) / count)));
  }

  /** @param index from 0 */
  async add(index: number, { image, alpha }: Pick<FramePicture, 'image' | 'alpha'>): Promise<void> {
    if (!this.shown.has(index)) return;
    const board = checkerboard(image.width, image.height, Math.max(1, (12 * image.width) / CELL));
    this.cells.push(await resizeRgb(alpha ? overlay(image, alpha, board) : image, CELL, CELL));
  }

  draw(): RgbImage {
    return arrange(this.cells, { columns: Math.min(COLUMNS, this.cells.length), cell: CELL, gap: GAP });
  }
}
