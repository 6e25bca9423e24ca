import type { Alpha, PictureRecord } from '../../contracts';
import { type AugmentationRecord, applyRecord, geometryOf } from '../../augmentation';
import { boundingBox } from '../../image';
import { composeScene } from './compose';
import type { Reader } from './reader';
import type { MadePicture } from './types';

/** Alpha from which a pixel is the product's in a mask of 0 and 255. */
export const IN_MASK = 128;

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
  const { image, alpha, background, uncolored, visible } = scene;
  const made = applyRecord(augmentation, { image, alpha, background });
  const moved = applyRecord(geometryOf(augmentation), { image: uncolored, background });
  const box = made.alpha && boundingBox(made.alpha, IN_MASK - 1);
  return {
    image: made.image,
    alpha: made.alpha,
    boxes: box ? [box] : [],
    visible: made.visible * visible,
    uncolored: moved.image,
  };
}

async function photoOf({ source }: PictureRecord, frame: { width: number; height: number }, reader: Reader) {
  const image = await reader.photo(source, frame);
  const alpha: Alpha | undefined = source.cut === null ? undefined : await reader.matte(source, frame);
  return { image, alpha, background: undefined, uncolored: image, visible: 1 };
}
