import type { Alpha, BoundingBox, RgbImage } from '../../contracts';

/** Levels that the pixels of a line of a frame may lie off its first. */
const EVEN = 10;
/** Share of a line's pixels that may lie farther off: the corners. */
const UNEVEN_SHARE = 0.03;
/** Levels from which a pixel is no part of the frame, and share of a line's pixels that must be none. */
const OTHER = 14;
const OTHER_SHARE = 0.9;
/** Lines that a frame's inner edge may be blurred over. */
const BLURRED = 3;
/** Largest share of a side that letterbox bars take up. */
const LARGEST = 0.4;
/** Share of what is inside that may have the frame's colour at its own rim: more, and it is the backdrop's. */
const MOST_ON_RIM = 0.2;

/**
 * What is inside the frame of a picture: a drawn line of a pixel or more, or the bars of a letterbox.
 * @returns the whole picture where there is no frame
 */
export function insideFrame(image: RgbImage): BoundingBox {
  const { data, width, height } = image;
  const across = { count: height, length: width, line: width * 3, pixel: 3 };
  const down = { count: width, length: height, line: 3, pixel: width * 3 };
  const [top, left] = [across, down].map((lines) => frameOf(data, lines, false));
  const [bottom, right] = [across, down].map((lines) => frameOf(data, lines, true));
  const whole: BoundingBox = [0, 0, width, height];
  const box: BoundingBox = [left, top, width - left - right, height - top - bottom];
  // In a picture of a few pixels the blurred lines of opposite sides can meet.
  if (box[2] < 1 || box[3] < 1) return whole;
  const end = (height * width - 1) * 3;
  const outer = [top || left ? [0] : [], bottom || right ? [end] : []].flat();
  return outer.some((at) => rimShare(image, box, at) > MOST_ON_RIM) ? whole : box;
}

/** Share of the pixels along a box's rim that have the colour which starts at `at`. */
function rimShare({ data, width }: RgbImage, [left, top, across, down]: BoundingBox, at: number): number {
  let like = 0;
  const look = (x: number, y: number) => {
    const i = ((top + y) * width + left + x) * 3;
    if ([0, 1, 2].every((c) => Math.abs(data[i + c] - data[at + c]) <= EVEN)) like++;
  };
  for (let x = 0; x < across; x++) [0, down - 1].forEach((y) => look(x, y));
  for (let y = 0; y < down; y++) [0, across - 1].forEach((x) => look(x, y));
  return like / (2 * (across + down));
}

/** A matte of the frame's inside, with the frame around it left out. */
export function putBack(alpha: Alpha, [left, top]: BoundingBox, { width, height }: RgbImage): Alpha {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < alpha.height; y++) {
    data.set(alpha.data.subarray(y * alpha.width, (y + 1) * alpha.width), (top + y) * width + left);
  }
  return { data, width, height };
}

interface Lines {
  count: number;
  /** Pixels of a line. */
  length: number;
  /** Numbers from one line to the next, and from one pixel to the next. */
  line: number;
  pixel: number;
}

/** Lines of a frame along one side, 0 where there is none. */
function frameOf(data: Uint8Array, { count, length, line, pixel }: Lines, fromEnd: boolean): number {
  const start = (n: number) => (fromEnd ? count - 1 - n : n) * line;
  const most = Math.floor(count * LARGEST);
  const middle = start(0) + (length >> 1) * pixel;
  const off = (at: number) =>
    Math.max(
      Math.abs(data[at] - data[middle]),
      Math.abs(data[at + 1] - data[middle + 1]),
      Math.abs(data[at + 2] - data[middle + 2]),
    );
  const share = (n: number, least: number) => {
    let found = 0;
    for (let i = 0, at = start(n); i < length; i++, at += pixel) if (off(at) > least) found++;
    return found / length;
  };
  /** Share of a line's pixels that differ from those of the next line. */
  const changes = (n: number) => {
    let found = 0;
    for (let i = 0, at = start(n), next = start(n + 1); i < length; i++, at += pixel, next += pixel) {
      if ([0, 1, 2].some((c) => Math.abs(data[at + c] - data[next + c]) > EVEN)) found++;
    }
    return found / length;
  };
  let lines = 0;
  while (lines < most && share(lines, EVEN) <= UNEVEN_SHARE) lines++;
  if (lines === 0 || lines === most) return 0;
  let inner = lines;
  while (inner <= lines + BLURRED && share(inner, OTHER) < OTHER_SHARE) inner++;
  if (inner > lines + BLURRED) return 0;
  while (inner < lines + BLURRED && changes(inner) >= OTHER_SHARE) inner++;
  return inner;
}
