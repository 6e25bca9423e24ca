import { type PictureRecord, VitrineError, pictureRecord } from '../../contracts';
import { parseRecord } from '../../augmentation';

/**
 * @param value a record as it was read from a file
 * @throws VitrineError INVALID_PARAMETER naming what is wrong in it
 */
export function parsePictureRecord(value: unknown): PictureRecord {
  const { success, data, error } = pictureRecord.safeParse(value);
  if (!success) {
    const [{ path, message }] = error.issues;
    throw new VitrineError({
      code: 'INVALID_PARAMETER',
      message: `This is no record of an augmented picture: ${path.join('.') || 'the record'}: ${message}`,
      hint: 'Use a record as this version writes it, unchanged.',
    });
  }
  return { ...data, augmentation: parseRecord(data.augmentation) };
}
