import { type Alpha, type BoundingBox, type RgbImage, invalid } from '../contracts';
import { boundingBox, parseColor } from '../image';
import { type Beyond, type Origins, execute, originsOf } from './execute';
import { type AugmentationRecord, parseRecord } from './record';
import { transformOf } from './steps';
import type { Size } from './types';

/** A picture to be varied; all parts of it have the size that its record says. */
export interface Subject {
  image: RgbImage;
  /** Where the product is. Without it there are no boxes. */
  alpha?: Alpha;
  /** What stands behind the product: it fills what becomes empty at the borders. */
  background?: RgbImage;
}

export interface Augmented {
  image: RgbImage;
  alpha?: Alpha;
  /** Around what of the product is in the frame and not hidden, from the alpha afterwards: one, or none. */
  boxes: BoundingBox[];
  /** Share of the product, 0..1, that is in the frame and not hidden; 1 without alpha. */
  visible: number;
  /**
   * Where the pixels of some rows come from.
   * @param rows from 0
   * @returns for each row the places in the picture that this one was made of, in pixels
   */
  originsOf(rows: readonly number[]): Origins[];
}

/**
 * Makes a picture from its record: the same bytes each time, whatever else happens in between. A matte of 0 and 255
 * only stays one. Under `fill: background` without a background, and under `fill: mirror`, picture and alpha go on
 * mirrored, so that no copy of the product is without its label.
 * @throws VitrineError INVALID_PARAMETER for a broken record, or parts of another size
 */
export function applyRecord(record: AugmentationRecord, { image, alpha, background }: Subject): Augmented {
  const { width, height, fill, steps } = parseRecord(record);
  const size = { width, height };
  for (const [name, part] of Object.entries({ image, alpha, background })) checkSize(name, part, size);
  const effects = steps.flatMap(({ transform, ...drawn }) => transformOf(transform).effects(drawn, size));
  const made = execute(effects, image, beyondOf(fill, background), alpha);
  const box = made.alpha && boundingBox(made.alpha);
  return { ...made, boxes: box ? [box] : [], originsOf: (rows) => originsOf(effects, size, rows) };
}

function beyondOf(fill: string, background: RgbImage | undefined): Beyond {
  if (fill === 'background' && background) return { kind: 'background', background };
  if (fill === 'background' || fill === 'mirror') return { kind: 'mirror' };
  return { kind: 'color', color: parseColor(fill, 'fill') };
}

function checkSize(name: string, part: Size | undefined, { width, height }: Size): void {
  if (!part || (part.width === width && part.height === height)) return;
  throw invalid(
    name,
    `${width} x ${height} pixels, as its record says`,
    `${part.width} x ${part.height} pixels`,
    'Give the picture that the record was made for, at its size then.',
  );
}
