import type { BoundingBox, PictureRecord } from '../../contracts';
import { type AugmentationRecord, type Augmented, applyRecord } from '../../augmentation';
import { boundingBox } from '../../image';
import { type Scene, composeScene } from './compose';
import type { Reader } from './reader';
import type { MadePicture } from './types';

/** Alpha from which a pixel is the product's in a mask of 0 and 255. */
export const IN_MASK = 128;
/** Rows and columns of the product that its colours are compared in. */
const COMPARED = 28;

/**
 * Makes a picture as its record says: the same bytes each time.
 * @throws VitrineError what decoding can say; NOT_FOUND for a picture that is not here; NO_SUBJECT for an empty cutout
 */
export async function makePicture(record: PictureRecord, reader: Reader): Promise<MadePicture> {
  const { composition, source } = record;
  const augmentation = record.augmentation as unknown as AugmentationRecord;
  const { width, height } = augmentation;
  const frame = { width, height };
  const scene = composition
    ? await composeScene(source, composition, frame, reader)
    : await photoOf(record, frame, reader);
  const { image, alpha, background } = scene;
  const made = applyRecord(augmentation, { image, alpha, background });
  const box = made.alpha && boundingBox(made.alpha, IN_MASK - 1);
  return {
    image: made.image,
    alpha: made.alpha,
    boxes: box ? [box] : [],
    visible: made.visible * scene.visible,
    colors: compare(made, box ?? [0, 0, width, height], scene.ownColor),
  };
}

async function photoOf(
  { source }: PictureRecord,
  frame: { width: number; height: number },
  reader: Reader,
): Promise<Partial<Scene> & Pick<Scene, 'image' | 'visible' | 'ownColor'>> {
  const image = await reader.photo(source, frame);
  const alpha = source.cut === null ? undefined : await reader.matte(source, frame);
  const ownColor = (x: number, y: number) =>
    x < 0 || y < 0 || x >= frame.width || y >= frame.height
      ? undefined
      : { data: image.data, at: 3 * (y * frame.width + x) };
  return { image, alpha, visible: 1, ownColor };
}

/** Colours of the product before and after, where both are known. */
function compare(
  { image, alpha, originsOf }: Augmented,
  [left, top, across, down]: BoundingBox,
  ownColor: Scene['ownColor'],
): MadePicture['colors'] {
  const steps = (from: number, length: number) =>
    Array.from({ length: Math.min(length, COMPARED) }, (_, at) =>
      Math.floor(from + ((at + 0.5) * length) / Math.min(length, COMPARED)),
    );
  const rows = steps(top, down);
  const columns = steps(left, across);
  const own = new Uint8Array(rows.length * columns.length * 3);
  const now = new Uint8Array(own.length);
  let count = 0;
  for (const [index, { x, y }] of originsOf(rows).entries()) {
    for (const column of columns) {
      const pixel = rows[index] * image.width + column;
      if (alpha && alpha.data[pixel] < IN_MASK) continue;
      const color = ownColor(Math.round(x[column]), Math.round(y[column]));
      if (!color) continue;
      for (let c = 0; c < 3; c++) {
        own[count + c] = color.data[color.at + c];
        now[count + c] = image.data[3 * pixel + c];
      }
      count += 3;
    }
  }
  return { own: own.subarray(0, count), now: now.subarray(0, count) };
}
