import type { Alpha, BoundingBox, RgbImage, SegmentParams } from '../../contracts';
import { boundingBox, cropTo, flatten, parseColor, resizeAlpha, resizeRgb } from '../../image';
import { decontaminate, edgesOf } from '../../matting';
import type { ObjectMask } from '../../tracking';
import { type DecodedFrame, rgbOf } from '../../video';
import { type Crop, SLACK } from './crops';

/** What is drawn of a frame. */
export interface FramePicture {
  image: RgbImage;
  /** Left out where the picture is opaque. */
  alpha?: Alpha;
  /** What became of the product in the video's frame, pixels. */
  bbox: BoundingBox;
  scale: number;
}

/**
 * A frame's product in a square picture, its edge found anew where the photo has one, its box's middle in the middle of
 * the picture.
 * @param ratio pixels of the video for one of the clip that the mask was made on
 * @returns a picture without a product where the frame shows none
 */
export async function framePicture(
  frame: DecodedFrame,
  mask: ObjectMask,
  crop: Crop,
  ratio: number,
  { size, background, bgcolor }: Pick<SegmentParams, 'size' | 'background' | 'bgcolor'>,
): Promise<FramePicture> {
  const scale = size / crop.side;
  const slack = Math.ceil(size * SLACK);
  const canvas = size + 2 * slack;
  const corner = { x: crop.x - crop.side / 2 - slack / scale, y: crop.y - crop.side / 2 - slack / scale };
  const part = await partOf(frame.image, corner, scale, canvas);
  const [left, top] = part.at;
  const { width, height } = part.image;
  const alpha = frame.alpha
    ? await resizeAlpha(cropTo(frame.alpha, part.from), width, height)
    : edgesOf(
        part.image,
        matteOf(mask, part.from, ratio, part.image),
        (mask.box[2] * ratio * scale) / mask.alpha.width,
      );
  const box = boundingBox(alpha) ?? [0, 0, width, height];
  const color = background === 'original' ? part.image : decontaminate(part.image, alpha);
  // The picture is moved by whole pixels, so that nothing is resampled twice.
  const place = { x: Math.round((size - box[2]) / 2) - box[0], y: Math.round((size - box[3]) / 2) - box[1] };
  const drawn = onSquare(color, alpha, box, place, size);
  const bbox: BoundingBox = [
    corner.x + (left + box[0]) / scale,
    corner.y + (top + box[1]) / scale,
    box[2] / scale,
    box[3] / scale,
  ];
  const facts = { bbox: bbox.map(Math.round) as BoundingBox, scale: Math.round(scale * 10_000) / 10_000 };
  if (background === 'transparent') return { ...drawn, ...facts };
  if (background === 'color')
    return { image: flatten(drawn.image, drawn.alpha, parseColor(bgcolor)), ...facts };
  return { image: fillOutside(drawn.image, place, part.image), ...facts };
}

/** The part of a frame that a canvas shows, at the canvas's scale. */
async function partOf(
  image: DecodedFrame['image'],
  corner: { x: number; y: number },
  scale: number,
  canvas: number,
): Promise<{ image: RgbImage; from: BoundingBox; at: [number, number] }> {
  const left = Math.max(0, Math.floor(corner.x));
  const top = Math.max(0, Math.floor(corner.y));
  const right = Math.min(image.width, Math.ceil(corner.x + canvas / scale));
  const bottom = Math.min(image.height, Math.ceil(corner.y + canvas / scale));
  const from: BoundingBox = [left, top, right - left, bottom - top];
  const width = Math.max(1, Math.round(from[2] * scale));
  const height = Math.max(1, Math.round(from[3] * scale));
  const part = await resizeRgb(rgbOf(image, from), width, height, 'cubic');
  return { image: part, from, at: [(left - corner.x) * scale, (top - corner.y) * scale] };
}

/** A mask as it lies in a part of the video's frame, brought to the part's size. */
function matteOf(
  { alpha, box }: ObjectMask,
  from: BoundingBox,
  ratio: number,
  { width, height }: { width: number; height: number },
): Alpha {
  const [x, y, across, down] = box.map((value) => value * ratio);
  const columns = taps(from[0], from[2], width, x, across, alpha.width);
  const rows = taps(from[1], from[3], height, y, down, alpha.height);
  // A rim of zeros: nothing is known outside of the mask.
  const wide = alpha.width + 2;
  const rimmed = new Uint8Array(wide * (alpha.height + 2));
  for (let row = 0; row < alpha.height; row++)
    rimmed.set(alpha.data.subarray(row * alpha.width, (row + 1) * alpha.width), (row + 1) * wide + 1);
  const data = new Uint8Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    const above = rows.first[row] * wide;
    const fy = rows.share[row];
    for (let column = 0; column < width; column++, i++) {
      const at = above + columns.first[column];
      const fx = columns.share[column];
      const upper = rimmed[at] + (rimmed[at + 1] - rimmed[at]) * fx;
      const lower = rimmed[at + wide] + (rimmed[at + wide + 1] - rimmed[at + wide]) * fx;
      data[i] = upper + (lower - upper) * fy + 0.5;
    }
  }
  return { data, width, height };
}

/**
 * For each of `count` pixels of a side that begins at `start` and is `size` long: the first of the two pixels of a mask
 * that it lies between, counted from its rim, and the share of the second.
 */
function taps(
  start: number,
  size: number,
  count: number,
  maskStart: number,
  maskSize: number,
  pixels: number,
): { first: Int32Array; share: Float32Array } {
  const first = new Int32Array(count);
  const share = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const place = ((start + ((i + 0.5) * size) / count - maskStart) * pixels) / maskSize + 0.5;
    const within = Math.max(0, Math.min(pixels + 0.999, place));
    first[i] = Math.floor(within);
    share[i] = within - first[i];
  }
  return { first, share };
}

/** What lies in a box of a part, in a square picture: the faint haze around a product's box is not of the product. */
function onSquare(
  image: RgbImage,
  alpha: Alpha,
  [x, y, width, height]: BoundingBox,
  place: { x: number; y: number },
  size: number,
): { image: RgbImage; alpha: Alpha } {
  const color = new Uint8Array(size * size * 3);
  const matte = new Uint8Array(size * size);
  const left = Math.max(x, -place.x);
  const right = Math.max(left, Math.min(x + width, size - place.x));
  const bottom = Math.min(y + height, size - place.y);
  for (let row = Math.max(y, -place.y); row < bottom; row++) {
    const from = row * image.width;
    const to = (row + place.y) * size + place.x;
    color.set(image.data.subarray((from + left) * 3, (from + right) * 3), (to + left) * 3);
    matte.set(alpha.data.subarray(from + left, from + right), to + left);
  }
  return {
    image: { data: color, width: size, height: size },
    alpha: { data: matte, width: size, height: size },
  };
}

/** What lies outside of the video's frame gets the colours of its border. */
function fillOutside(square: RgbImage, place: { x: number; y: number }, part: RgbImage): RgbImage {
  const { data, width: size } = square;
  const inside = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));
  for (let y = 0, at = 0; y < size; y++) {
    const row = inside(y - place.y, part.height) * part.width;
    for (let x = 0; x < size; x++, at += 3) {
      const from = (row + inside(x - place.x, part.width)) * 3;
      for (let c = 0; c < 3; c++) data[at + c] = part.data[from + c];
    }
  }
  return square;
}
