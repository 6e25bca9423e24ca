import type { Alpha, BoundingBox, RgbImage } from '../../contracts';
import type { MatteNetwork } from '../../models';
import { type Colours, coloursOf } from './appearance';
import { judge } from './evidence';
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
  colours: Colours;
  /** 0..1. */
  decided: number;
}

/**
 * Looks for the object in a part of a frame.
 * @param prior where it is expected, as a matte of that part
 * @param known its colours and those of its surroundings, as far as they are known
 * @returns nothing where the network sees nothing there
 */
export async function sight(
  network: MatteNetwork,
  frame: RgbImage,
  window: BoundingBox,
  prior?: Alpha,
  known?: Colours,
): Promise<Sighting | undefined> {
  const { alpha: matte, seen } = await look(network, frame, window, prior);
  const alpha = piecesOf(prior && known ? judge(matte, seen, prior, known) : matte, prior);
  const box = objectIn(alpha, window);
  if (!box) return undefined;
  // The picture itself would be most of what a clip takes in memory.
  const thumbnail = thumbnailOf(seen);
  return {
    alpha,
    window,
    thumbnail,
    box,
    colours: coloursOf(seen, alpha),
    decided: decidedness(alpha),
  };
}
