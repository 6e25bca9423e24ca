import type { Alpha, RgbImage } from '../../contracts';
import { bandOf } from './band';
import { snap } from './snap';
import { soften, softEdges } from './soften';
import { clearHaze } from './tidy';

/** How far off an outline may lie, in pixels of the coarse matte. */
const REACH = 2.5;

/** Bytes as shares of 1. */
const SHARES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * A coarse matte with its edge where the picture has one.
 * @param matte of the picture's size, smooth
 * @param scale pixels of the picture for one of the matte as the network gave it
 */
export function edgesOf(picture: RgbImage, matte: Alpha, scale: number): Alpha {
  const { width, height } = matte;
  const shape = new Float32Array(matte.data.length);
  for (let i = 0; i < shape.length; i++) shape[i] = SHARES[matte.data[i]];
  const unit = Math.max(1, scale);
  const edged = snap(picture, shape, bandOf(shape, matte, Math.max(2, Math.round(REACH * unit))));
  const soft = softEdges(shape, matte, unit);
  const fine = soft ? soften(edged, shape, soft) : edged;
  clearHaze(fine, matte);
  const data = new Uint8Array(fine.length);
  for (let i = 0; i < data.length; i++) data[i] = fine[i] * 255 + 0.5;
  return { data, width, height };
}
