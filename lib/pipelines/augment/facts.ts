import type { Alpha, BoundingBox, PictureDone, PictureRecord, RgbImage } from '../../contracts';
import { deltaE2000, rgbToLab } from '../../image';
import { IN_MASK } from './make';
import { runLengths } from './run-lengths';
import type { MadePicture } from './types';

/** Levels that count as black and white. */
const [BLACK, WHITE] = [2, 253];

type Facts = Pick<
  PictureDone,
  'boxes' | 'visible' | 'rle' | 'area' | 'brightness' | 'clipped' | 'colorShift' | 'hash' | 'background'
>;

/** What labels and report want to know of a picture. */
export function factsOf(made: MadePicture, { composition }: PictureRecord): Facts {
  const { image, alpha, boxes, visible, colors } = made;
  return {
    boxes,
    visible: rounded(visible),
    ...(alpha && { rle: runLengths(alpha, boxes[0], IN_MASK) }),
    area: rounded(areaOf(image, alpha)),
    ...lightOf(colors),
    colorShift: rounded(shiftOf(colors)),
    hash: differenceHash(image, boxes[0] ?? [0, 0, image.width, image.height]),
    background: backgroundOf(composition),
  };
}

function backgroundOf(composition: PictureRecord['composition']): string {
  if (!composition) return 'photo';
  const { background } = composition;
  if (background.kind === 'picture') return 'picture';
  return background.backdrop === 'studio' ? `studio: ${background.surface}` : background.backdrop;
}

/** Share of a picture that is in the mask. */
function areaOf({ width, height }: RgbImage, alpha: Alpha | undefined): number {
  if (!alpha) return 1;
  let inside = 0;
  for (let at = 0; at < alpha.data.length; at++) if (alpha.data[at] >= IN_MASK) inside++;
  return inside / (width * height);
}

/** Rec. 601 luma, and what lost all of it or what could be told apart from white: a white pack is no fault. */
function lightOf({ own, now }: MadePicture['colors']): Pick<PictureDone, 'brightness' | 'clipped'> {
  let [sum, clipped] = [0, 0];
  for (let pixel = 0; pixel < now.length / 3; pixel++) {
    const luma = lumaOf(now, pixel);
    sum += luma;
    if (isClipped(luma) && !isClipped(lumaOf(own, pixel))) clipped++;
  }
  const count = Math.max(1, now.length / 3);
  return { brightness: rounded(sum / 255 / count), clipped: rounded(clipped / count) };
}

function isClipped(luma: number): boolean {
  return luma <= BLACK || luma >= WHITE;
}

function lumaOf(data: Uint8Array, pixel: number): number {
  return 0.299 * data[pixel * 3] + 0.587 * data[pixel * 3 + 1] + 0.114 * data[pixel * 3 + 2];
}

function shiftOf({ own, now }: MadePicture['colors']): number {
  const [before, after] = [rgbToLab(own), rgbToLab(now)];
  let sum = 0;
  for (let at = 0; at < before.length; at += 3)
    sum += deltaE2000(before[at], before[at + 1], before[at + 2], after[at], after[at + 1], after[at + 2]);
  return before.length ? sum / (before.length / 3) : 0;
}

/** Whether each of 8 x 8 cells of a box is lighter than its right neighbour (N. Krawetz, "Kind of like that", 2013). */
export function differenceHash({ data, width }: RgbImage, [x, y, across, down]: BoundingBox): string {
  const [columns, rows] = [9, 8];
  let bits = 0n;
  for (let row = 0; row < rows; row++) {
    let before = 0;
    for (let column = 0; column < columns; column++) {
      const [left, right] = [column, column + 1].map((at) => x + Math.floor((at * across) / columns));
      const [top, bottom] = [row, row + 1].map((at) => y + Math.floor((at * down) / rows));
      let [sum, count] = [0, 0];
      for (let line = top; line < Math.max(bottom, top + 1); line++) {
        for (let at = left; at < Math.max(right, left + 1); at++, count++)
          sum += lumaOf(data, line * width + at);
      }
      const mean = sum / count;
      if (column > 0) bits = (bits << 1n) | (before > mean ? 1n : 0n);
      before = mean;
    }
  }
  return bits.toString(16).padStart(16, '0');
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
