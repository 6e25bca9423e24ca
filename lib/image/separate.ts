import type { Alpha, RgbImage } from '../contracts';
import { broken } from './problems';

/**
 * Takes interleaved bytes apart into colour and, only where some pixel is not opaque, alpha.
 * @param channels 1 grey, 2 grey and alpha, 3 colour, 4 and up colour and alpha
 * @throws VitrineError INVALID_IMAGE when there are fewer bytes than pixels
 */
export function separate(
  bytes: Uint8Array,
  width: number,
  height: number,
  channels: number,
): { rgb: RgbImage; alpha?: Alpha } {
  const pixels = width * height;
  if (bytes.length !== pixels * channels)
    throw broken(`The picture holds ${bytes.length} of ${pixels * channels} bytes`);
  if (channels === 3)
    return { rgb: { data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), width, height } };
  const data = new Uint8Array(pixels * 3);
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let from = 0, to = 0; to < data.length; from += channels, to += 3) {
    data[to] = bytes[from];
    data[to + 1] = bytes[from + green];
    data[to + 2] = bytes[from + blue];
  }
  const rgb = { data, width, height };
  if (channels === 1) return { rgb };
  const alpha = new Uint8Array(pixels);
  let opaque = true;
  for (let from = channels < 3 ? 1 : 3, to = 0; to < pixels; from += channels, to++) {
    alpha[to] = bytes[from];
    if (bytes[from] !== 255) opaque = false;
  }
  return opaque ? { rgb } : { rgb, alpha: { data: alpha, width, height } };
}
