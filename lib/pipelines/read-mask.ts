import { type Alpha, invalid } from '../contracts';
import { type DecodeOptions, decodeImage } from '../image';

/** 0.2126, 0.7152 and 0.0722 (ITU-R BT.709) in parts of 65536. */
const [RED, GREEN, BLUE] = [13933, 46871, 4732];

/**
 * Reads a mask that somebody else has made: its transparency where it has some, otherwise how bright it is.
 * @param file an encoded picture of any accepted format
 * @param photo the upright photo that it belongs to
 * @throws VitrineError what decoding can say; INVALID_PARAMETER for a mask of another size
 */
export async function readMask(
  file: string,
  photo: { width: number; height: number },
  options: DecodeOptions,
): Promise<Alpha> {
  const { rgb, alpha } = await decodeImage(file, options);
  const { width, height } = rgb;
  if (width !== photo.width || height !== photo.height) {
    throw invalid(
      'mask',
      `a picture of the photo's size, ${photo.width} x ${photo.height} pixels,`,
      `${width} x ${height} pixels`,
      'Make the mask from the photo itself, upright, or leave it out to have the product cut here.',
    );
  }
  if (alpha) return alpha;
  const data = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < data.length; pixel++, at += 3) {
    data[pixel] = (RED * rgb.data[at] + GREEN * rgb.data[at + 1] + BLUE * rgb.data[at + 2] + 0x8000) >> 16;
  }
  return { data, width, height };
}
