import type { BoundingBox, RgbImage } from '../../contracts';

/** Something that was found in a picture. */
export interface Detection {
  /** Pixels of the picture, within it. */
  box: BoundingBox;
  /** 0..1 */
  score: number;
  /** The words of the text that it answers to. */
  phrase: string;
}

/** What finds things by a text. */
export interface DetectionNetwork {
  /**
   * @param text in lower case; several things have a full stop after each
   * @param threshold the least score of a box, 0..1
   * @param textThreshold the least score of a word that belongs to its phrase, 0..1
   * @returns the best first
   * @throws VitrineError INVALID_PARAMETER where the text is too long
   */
  detect(image: RgbImage, text: string, threshold: number, textThreshold: number): Promise<Detection[]>;
}
