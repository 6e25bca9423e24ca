import type { Alpha, BoundingBox, RgbImage } from '../../contracts';
import type { MatteNetwork } from '../../models';
import { type Appearance, appearanceOf } from './appearance';
import { look } from './look';
import { type Thumbnail, thumbnailOf } from './motion';
import { decidedness, piecesOf } from './pieces';
import { objectIn } from './window';

/** The object as a network saw it in one frame. */
export interface Sighting {
  /** Of the network's size; 0 where it is not the object. */
  alpha: Alpha;
  /** The part of the frame that was looked at. */
  window: BoundingBox;
  /** Of the window. */
  thumbnail: Thumbnail;
  /** In pixels of the frame. */
  box: BoundingBox;
  appearance: Appearance;
  /** 0..1. */
  decided: number;
}

/**
 * Looks for the object in a part of a frame.
 * @param prior where it is expected, as a matte of that part
 * @returns nothing where the network sees nothing there
 */
export async function sight(
  network: MatteNetwork,
  frame: RgbImage,
  window: BoundingBox,
  prior?: Alpha,
): Promise<Sighting | undefined> {
  const { alpha: matte, seen } = await look(network, frame, window, prior);
  const alpha = piecesOf(matte, prior);
  const box = objectIn(alpha, window);
  if (!box) return undefined;
  // The picture itself would be most of what a clip takes in memory.
  const thumbnail = thumbnailOf(seen);
  return {
    alpha,
    window,
    thumbnail,
    box,
    appearance: appearanceOf(seen, alpha),
    decided: decidedness(alpha),
  };
}
