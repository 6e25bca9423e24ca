import type { Alpha, BoundingBox, PictureName, RgbImage, Source } from '../../contracts';
import type { Pipelines } from '../../augmentation';

/** What pictures are decided from, besides their requests. */
export interface Stock {
  pipelines: Pipelines;
  /** None: backdrops are drawn. */
  backgrounds: readonly PictureName[];
  /** Those of other classes that have a cutout may stand beside a product, or before it. */
  distractors: readonly Source[];
}

/** A picture before it is written. */
export interface MadePicture {
  image: RgbImage;
  /** Of the product, as far as it is seen; undefined where the source has no cutout. */
  alpha?: Alpha;
  /** Around the mask: one, or none. */
  boxes: BoundingBox[];
  /** Share of the product that is in the frame and not hidden, 0..1; 1 without alpha. */
  visible: number;
  /** Some pixels of the product as it was photographed, and as it is, interleaved sRGB. */
  colors: { own: Uint8Array; now: Uint8Array };
}
