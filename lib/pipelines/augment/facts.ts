import type { Alpha, BoundingBox, PictureDone, PictureRecord, RgbImage } from '../../contracts';
import { deltaE2000, rgbToLab } from '../../image';
import { IN_MASK } from './make';
import { runLengths } from './run-lengths';
import type { MadePicture } from './types';

/** Pixels of the product that are looked at, at most. */
const SAMPLES = 2000;
/** Levels that count as black and white. */
const [BLACK, WHITE] = [2, 253];

type Facts = Pick<
  PictureDone,
  'boxes' | 'visible' | 'rle' | 'area' | 'brightness' | 'clipped' | 'colorShift' | 'hash' | 'background'
>;

/** What labels and report want to know of a picture. */
export function factsOf(made: MadePicture, { composition }: PictureRecord): Facts {
  const { image, alpha, boxes, visible } = made;
  const { area, places } = insideOf(image, alpha);
  return {
    boxes,
    visible: rounded(visible),
    ...(alpha && { rle: runLengths(alpha, IN_MASK) }),
    area: rounded(area),
    ...lightOf(made, places),
    colorShift: rounded(shiftOf(made, places)),
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

/** How much of a picture is the product, 0..1, and some of its pixels. */
function insideOf({ width, height }: RgbImage, alpha: Alpha | undefined) {
  const count = width * height;
  const inside = alpha ? alpha.data.reduce((sum, value) => sum + (value >= IN_MASK ? 1 : 0), 0) : count;
  const every = Math.max(1, Math.floor(inside / SAMPLES));
  const places: number[] = [];
  let seen = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    if (alpha && alpha.data[pixel] < IN_MASK) continue;
    if (seen++ % every === 0) places.push(pixel);
  }
  return { area: inside / count, places };
}

/** Rec. 601 luma, and what lost all of it or what could be told apart from white: a white pack is no fault. */
function lightOf(
  { image, uncolored }: MadePicture,
  places: number[],
): Pick<PictureDone, 'brightness' | 'clipped'> {
  let [sum, clipped] = [0, 0];
  for (const pixel of places) {
    const luma = lumaOf(image.data, pixel);
    sum += luma;
    if (isClipped(luma) && !isClipped(lumaOf(uncolored.data, pixel))) clipped++;
  }
  const count = Math.max(1, places.length);
  return { brightness: rounded(sum / 255 / count), clipped: rounded(clipped / count) };
}

function isClipped(luma: number): boolean {
  return luma <= BLACK || luma >= WHITE;
}

function lumaOf(data: Uint8Array, pixel: number): number {
  return 0.299 * data[pixel * 3] + 0.587 * data[pixel * 3 + 1] + 0.114 * data[pixel * 3 + 2];
}

function shiftOf({ image, uncolored }: MadePicture, places: number[]): number {
  const [own, now] = [uncolored, image].map(({ data }) => {
    const taken = new Uint8Array(places.length * 3);
    places.forEach((pixel, at) => taken.set(data.subarray(pixel * 3, pixel * 3 + 3), at * 3));
    return rgbToLab(taken);
  });
  let sum = 0;
  for (let at = 0; at < own.length; at += 3)
    sum += deltaE2000(own[at], own[at + 1], own[at + 2], now[at], now[at + 1], now[at + 2]);
  return places.length ? sum / places.length : 0;
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
