import sharp from 'sharp';
import type { Alpha, BoundingBox, RgbImage } from '../contracts';

/** Lays the product over one opaque colour (red, green, blue, 0..255). */
export function flatten(image: RgbImage, alpha: Alpha, color: readonly [number, number, number]): RgbImage {
  const { width, height } = image;
  const data = new Uint8Array(image.data.length);
  const [red, green, blue] = color;
  for (let pixel = 0, at = 0; pixel < alpha.data.length; pixel++, at += 3) {
    const cover = alpha.data[pixel];
    data[at] = mix(image.data[at], red, cover);
    data[at + 1] = mix(image.data[at + 1], green, cover);
    data[at + 2] = mix(image.data[at + 2], blue, cover);
  }
  return { data, width, height };
}

/** `over * cover/255 + under * (1 - cover/255)`, rounded. */
function mix(over: number, under: number, cover: number): number {
  return ((under * 255 + (over - under) * cover + 127) / 255) | 0;
}

/** Cuts a box out of a picture or a matte; what the box has outside of it is left out. */
export function cropTo<T extends RgbImage | Alpha>(image: T, [x, y, width, height]: BoundingBox): T {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const across = Math.min(image.width, x + width) - left;
  const down = Math.min(image.height, y + height) - top;
  if (across < 1 || down < 1)
    throw new RangeError(`The box ${x},${y} ${width}x${height} lies outside the picture`);
  const channels = image.data.length / (image.width * image.height);
  if (across === image.width) {
    const data = new Uint8Array(
      image.data.subarray(top * across * channels, (top + down) * across * channels),
    );
    return { ...image, data, width: across, height: down };
  }
  const data = new Uint8Array(across * down * channels);
  for (let row = 0; row < down; row++) {
    const start = ((top + row) * image.width + left) * channels;
    data.set(image.data.subarray(start, start + across * channels), row * across * channels);
  }
  return { ...image, data, width: across, height: down };
}

export interface SquareOptions {
  /** Pixels a side of the result. */
  size: number;
  /** The product, in pixels of `image`. */
  box: BoundingBox;
  /** Free room on each side, in per cent of the product's longer side. */
  padding: number;
}

/**
 * Centres the product in a transparent square, scaled to fit. What surrounds the product in the photo and falls
 * into the square stays (soft shadows, fine hair); the rest is transparent black. Colours are resampled
 * premultiplied, as `resizeCutout` does it.
 */
export async function placeOnSquare(
  image: RgbImage,
  alpha: Alpha,
  { size, box, padding }: SquareOptions,
): Promise<{ image: RgbImage; alpha: Alpha }> {
  const [x, y, width, height] = box;
  const side = Math.max(width, height) * (1 + padding / 50);
  const scale = size / side;
  const [fromX, toX, placeX, across] = fit(x + width / 2, side, image.width, scale, size);
  const [fromY, toY, placeY, down] = fit(y + height / 2, side, image.height, scale, size);
  const part: BoundingBox = [fromX, fromY, toX - fromX, toY - fromY];
  const small = await resizeCutout(cropTo(image, part), cropTo(alpha, part), across, down);
  const out = { data: new Uint8Array(size * size * 3), width: size, height: size };
  const matte = { data: new Uint8Array(size * size), width: size, height: size };
  for (let row = 0; row < down; row++) {
    const from = row * across;
    const to = (placeY + row) * size + placeX;
    out.data.set(small.image.data.subarray(from * 3, (from + across) * 3), to * 3);
    matte.data.set(small.alpha.data.subarray(from, from + across), to);
  }
  return { image: out, alpha: matte };
}

/**
 * Stretches a cutout to exactly `width` x `height` pixels. Colours are resampled premultiplied, so that what lies under
 * transparent pixels does not bleed into the edge.
 */
export async function resizeCutout(
  image: RgbImage,
  alpha: Alpha,
  width: number,
  height: number,
): Promise<{ image: RgbImage; alpha: Alpha }> {
  const rgba = await resizeRgba({ ...image, data: interleave(image, alpha) }, width, height);
  const color = new Uint8Array(width * height * 3);
  const matte = new Uint8Array(width * height);
  for (let pixel = 0, at = 0, from = 0; pixel < matte.length; pixel++, at += 3, from += 4) {
    color[at] = rgba.data[from];
    color[at + 1] = rgba.data[from + 1];
    color[at + 2] = rgba.data[from + 2];
    matte[pixel] = rgba.data[from + 3];
  }
  return { image: { data: color, width, height }, alpha: { data: matte, width, height } };
}

/** Red, green, blue and alpha of each pixel, row-major without padding. */
export interface RgbaImage {
  data: Uint8Array;
  /** Pixels. */
  width: number;
  height: number;
}

/** As `resizeCutout`, of layers that lie interleaved. */
export async function resizeRgba(image: RgbaImage, width: number, height: number): Promise<RgbaImage> {
  const raw = { width: image.width, height: image.height, channels: 4 } as const;
  const data = await sharp(image.data, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
}

/** One axis: the source range [from, to), and where and how long it lies in the square. */
function fit(
  center: number,
  side: number,
  length: number,
  scale: number,
  size: number,
): [number, number, number, number] {
  const start = center - side / 2;
  const from = Math.max(0, Math.floor(start));
  const to = Math.min(length, Math.ceil(start + side));
  const place = Math.min(size - 1, Math.max(0, Math.round((from - start) * scale)));
  const end = Math.min(size, Math.max(place + 1, Math.round((to - start) * scale)));
  return [from, to, place, end - place];
}

/** Interleaves colour and matte: red, green, blue, alpha. */
export function interleave(image: RgbImage, alpha: Alpha): Uint8Array {
  const rgba = new Uint8Array(alpha.data.length * 4);
  for (let pixel = 0, at = 0, to = 0; pixel < alpha.data.length; pixel++, at += 3, to += 4) {
    rgba[to] = image.data[at];
    rgba[to + 1] = image.data[at + 1];
    rgba[to + 2] = image.data[at + 2];
    rgba[to + 3] = alpha.data[pixel];
  }
  return rgba;
}
