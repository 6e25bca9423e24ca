import type { Alpha, BoundingBox, RgbImage } from '../../contracts';
import { cropTo } from '../../image';
import type { Size } from '../squares';
import { bandOf } from './band';
import { snap } from './snap';

/** Pixels a side of the tiles that an outline is worked on in, and of the room around each. */
const TILE = 240;
const ROOM = 12;
/** An outline that is off by parts of coarse pixels only is soon where it belongs. */
const SWEEPS = 8;

/** How much of a soft edge there is, per work pixel. */
export interface Softness extends Size {
  /** 0..1 */
  share: Float32Array;
  /** Photo pixels per work pixel and direction. */
  scale: number;
}

/**
 * Moves a cutout's outline, in place, to where the photo has its edge at its own size: what was found on a smaller picture
 * is off by parts of its pixels, which shows as waves. Soft edges stay as they are.
 * @param reach pixels that the outline may be off to either side
 */
export function refineOutline(photo: RgbImage, alpha: Alpha, reach: number, softness?: Softness): void {
  const { width, height } = alpha;
  const found = alpha.data.slice();
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const inner: BoundingBox = [left, top, Math.min(TILE, width - left), Math.min(TILE, height - top)];
      if (!isEven(alpha, inner)) refineTile(photo, alpha, found, inner, reach, softness);
    }
  }
  alpha.data.set(found);
}

function isEven({ data, width }: Alpha, [left, top, across, down]: BoundingBox): boolean {
  const first = data[top * width + left];
  for (let y = top; y < top + down; y++) {
    for (let at = y * width + left, end = at + across; at < end; at++) if (data[at] !== first) return false;
  }
  return true;
}

function refineTile(
  photo: RgbImage,
  alpha: Alpha,
  found: Uint8Array,
  [left, top, across, down]: BoundingBox,
  reach: number,
  softness: Softness | undefined,
): void {
  const room: BoundingBox = [left - ROOM, top - ROOM, across + 2 * ROOM, down + 2 * ROOM];
  const coarse = cropTo(alpha, room);
  const size: Size = coarse;
  const matte = new Float32Array(coarse.data.length);
  for (let i = 0; i < matte.length; i++) matte[i] = coarse.data[i] / 255;
  const band = bandOf(matte, size, reach);
  const edged = snap(cropTo(photo, room), matte, band, SWEEPS);
  const [x0, y0] = [Math.max(0, left - ROOM), Math.max(0, top - ROOM)];
  for (const at of band) {
    const v = (at / size.width) | 0;
    const u = at - v * size.width;
    const [x, y] = [x0 + u, y0 + v];
    if (x < left || x >= left + across || y < top || y >= top + down) continue;
    const own = found[y * alpha.width + x];
    const soft = softness ? shareAt(softness, x, y) : 0;
    found[y * alpha.width + x] = own * soft + meanAround(edged, size, u, v) * 255 * (1 - soft) + 0.5;
  }
}

function shareAt({ share, width, scale }: Softness, x: number, y: number): number {
  return share[((y / scale) | 0) * width + ((x / scale) | 0)];
}

/** Weighted 1 2 1 in both directions: as soft as a lens leaves an edge. */
function meanAround(values: Float32Array, { width, height }: Size, x: number, y: number): number {
  const up = (y > 0 ? y - 1 : y) * width;
  const row = y * width;
  const below = (y + 1 < height ? y + 1 : y) * width;
  const before = x > 0 ? x - 1 : x;
  const after = x + 1 < width ? x + 1 : x;
  const column = (at: number) => values[up + at] + 2 * values[row + at] + values[below + at];
  return (column(before) + 2 * column(x) + column(after)) / 16;
}
