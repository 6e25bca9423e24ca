import { type Alpha, type BoundingBox, type Placement, type RgbImage, invalid } from '../contracts';
import { boundingBox, cropTo, resizeCutout } from '../image';

/** Share of a side of the frame that a margin takes at most. */
const MOST_MARGIN = 0.4;

/** A cutout that lies in a frame. */
export interface Placed {
  image: RgbImage;
  alpha: Alpha;
  /** Where the layers begin in the frame; below 0, what is outside is cut off. */
  x: number;
  y: number;
  /** The product in the frame. */
  box: BoundingBox;
  /** What its size in the photo was multiplied by. */
  scale: number;
}

interface Cutout {
  color: RgbImage;
  alpha: Alpha;
  /** The product in the photo. */
  bbox: BoundingBox;
}

export interface Size {
  width: number;
  height: number;
}

export interface PlaceOptions {
  frame: Size;
  placement: Placement;
  /** At its own size. */
  exact: boolean;
  /** Where it was; the frame has the photo's size. */
  keepPosition: boolean;
}

/** The frame that was asked for; a side that is missing follows from the photo's own shape. */
export function frameOf(photo: Size, { width, height }: Partial<Size>): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined)
    return { width, height: Math.max(1, Math.round((width * photo.height) / photo.width)) };
  if (height !== undefined)
    return { width: Math.max(1, Math.round((height * photo.width) / photo.height)), height };
  return { width: photo.width, height: photo.height };
}

/**
 * Lays the product into a frame: scaled into the room that its placement gives, standing on its baseline; or as it is.
 * @throws VitrineError INVALID_PARAMETER where it is to keep its size and is larger than the frame
 */
export async function placeProduct(cutout: Cutout, options: PlaceOptions): Promise<Placed> {
  const { color, alpha, bbox } = cutout;
  const { frame, exact, keepPosition, placement } = options;
  if (keepPosition) return { image: color, alpha, x: 0, y: 0, box: bbox, scale: 1 };
  const scale = exact ? exactly(bbox, frame) : scaleInto(bbox, frame, placement);
  // A hair that the box leaves out as haze belongs to the product all the same.
  const whole = boundingBox(alpha, 0) ?? bbox;
  const part = { image: cropTo(color, whole), alpha: cropTo(alpha, whole) };
  const [width, height] = [scaled(whole[2], scale), scaled(whole[3], scale)];
  const resized = scale === 1 ? part : await resizeCutout(part.image, part.alpha, width, height);
  const [boxWidth, boxHeight] = [scaled(bbox[2], scale), scaled(bbox[3], scale)];
  const [left, top] = corner([boxWidth, boxHeight], frame, placement);
  return {
    ...resized,
    x: left - Math.round((bbox[0] - whole[0]) * scale),
    y: top - Math.round((bbox[1] - whole[1]) * scale),
    box: [left, top, boxWidth, boxHeight],
    scale,
  };
}

function exactly([, , width, height]: BoundingBox, frame: Size): number {
  if (width <= frame.width && height <= frame.height) return 1;
  throw invalid(
    'width and height',
    `at least the product's own ${width} x ${height} pixels, since exact keeps its size`,
    `${frame.width} x ${frame.height}`,
    'Ask for a larger picture, or leave exact out.',
  );
}

/** @throws VitrineError INVALID_PARAMETER for margins that leave too little room */
function marginOf(margin: Placement['margin'], side: number): number {
  const [amount, unit] =
    typeof margin === 'number' ? [margin] : [parseFloat(margin), margin.replace(/[\d.]/g, '')];
  const share = unit === '%' ? amount / 100 : unit === 'px' ? amount / side : amount;
  if (share <= MOST_MARGIN) return share;
  const most = `at most 40 % of each side, ${Math.floor(MOST_MARGIN * side)} pixels here,`;
  throw invalid('placement.margin', most, margin, 'Ask for a smaller margin, or for a larger picture.');
}

function scaleInto(
  [, , width, height]: BoundingBox,
  frame: Size,
  { scale, margin, baseline }: Placement,
): number {
  const [sides, ends] = [marginOf(margin, frame.width), marginOf(margin, frame.height)];
  const across = frame.width * (1 - 2 * sides);
  const room = frame.height * (1 - 2 * ends);
  const down = baseline === 'center' ? room : frame.height * (Math.min(baseline, 1 - ends) - ends);
  const fit = Math.min((across * scale) / width, (room * scale) / height, down / height);
  return Math.max(fit, 1 / Math.max(width, height));
}

function corner([width, height]: [number, number], frame: Size, placement: Placement): [number, number] {
  const { anchor, baseline, margin } = placement;
  const side = Math.round(frame.width * marginOf(margin, frame.width));
  const end = frame.width - width;
  const left = { left: Math.min(side, end), center: end / 2, right: Math.max(end - side, 0) }[anchor];
  const top = baseline === 'center' ? (frame.height - height) / 2 : frame.height * baseline - height;
  const within = (value: number, most: number) => Math.min(Math.max(0, Math.round(value)), Math.max(0, most));
  return [within(left, end), within(top, frame.height - height)];
}

function scaled(length: number, scale: number): number {
  return Math.max(1, Math.round(length * scale));
}

/** The part of a row of the product that lies in the frame. */
export interface Span {
  /** First pixel of the product's layers. */
  from: number;
  /** First pixel of the frame's row. */
  to: number;
  count: number;
}

/** @param width of the frame */
export function spanOf({ alpha, x, y: top }: Placed, y: number, width: number): Span | undefined {
  const line = y - top;
  if (line < 0 || line >= alpha.height) return undefined;
  const skipped = Math.max(0, -x);
  const count = Math.min(alpha.width - skipped, width - Math.max(0, x));
  if (count <= 0) return undefined;
  return { from: line * alpha.width + skipped, to: Math.max(0, x), count };
}
