import type { BoundingBox, RgbImage } from '../contracts';
import { cropTo } from '../image';
import { toRgb } from './colour';
import { type PlanarImage, type PlaneLayout, byteCount, chromaSize } from './planes';

/** Pixels around a part that its chroma is interpolated from, an even number. */
const MARGIN = 2;

/**
 * The colours of a frame, or of a part of it: the same as if all of it had been converted.
 * @param box whole pixels; what it has outside of the frame is left out
 */
export function rgbOf(image: RgbImage | PlanarImage, box?: BoundingBox): RgbImage {
  if ('data' in image) return box ? cropTo(image, box) : image;
  if (!box) return toRgb(image.bytes, image, image.tags);
  const [x, y, width, height] = box;
  const left = Math.max(0, (x - MARGIN) & ~1);
  const top = Math.max(0, (y - MARGIN) & ~1);
  const right = Math.min(image.width, x + width + MARGIN);
  const bottom = Math.min(image.height, y + height + MARGIN);
  const part = cropPlanes(image, [left, top, right - left, bottom - top]);
  return toRgb(part.bytes, part, part.tags, [x - left, y - top, width, height]);
}

/** @param box within the frame, its left and top even */
function cropPlanes(image: PlanarImage, [left, top, width, height]: BoundingBox): PlanarImage {
  const part = { ...image, width, height };
  const [bytes, sample] = [new Uint8Array(byteCount(part)), image.depth > 8 ? 2 : 1];
  const [whole, small] = [planesOf(image), planesOf(part)];
  let to = 0;
  let from = 0;
  whole.forEach((plane, n) => {
    const [across, down] = [left >> plane.halvedAcross, top >> plane.halvedDown];
    for (let row = 0; row < small[n].height; row++, to += small[n].width * sample) {
      const start = from + ((down + row) * plane.width + across) * sample;
      bytes.set(image.bytes.subarray(start, start + small[n].width * sample), to);
    }
    from += plane.width * plane.height * sample;
  });
  return { ...part, bytes };
}

/** Luma, blue and red; 1 where a plane has half of the samples each way. */
function planesOf(layout: PlaneLayout) {
  const chroma = {
    ...chromaSize(layout),
    halvedAcross: Number(layout.chroma !== '444'),
    halvedDown: Number(layout.chroma === '420'),
  };
  return [{ ...layout, halvedAcross: 0, halvedDown: 0 }, chroma, chroma];
}
