import { type Border, BORDER_SIDES, type RgbImage } from '../../contracts';

/** Levels of each channel that a border's pixels may be away from its colour: what JPEG and noise do. */
const TOLERANCE = 12;
/** Share of a line that must be of the border's colour, and of the first line of the picture that must not be. */
const [UNIFORM, DIFFERENT] = [0.985, 0.97];
/** Bars are at least this wide, as a share of the side that they shorten and in pixels, and take half of it at most. */
const [LEAST, LEAST_PIXELS, MOST] = [0.015, 3, 0.5];
/** One bar is no more than so many times as wide as the other one. */
const ALIKE = 1.5;
/** Lines between a bar and the picture in which a scaler has mixed both, as a share of the side, and at least. */
const [MIXED, MIXED_PIXELS] = [0.006, 3];
/** Levels by which a photo varies along a light bar; along the straight edge of a carton on white there is less. */
const VARIED = 12;
/** Levels up to which a bar is dark: nobody lights a product's backdrop so. */
const DARK = 40;
/** A product whose longer side is a smaller share of the picture than this is brought nearer. */
const SMALL = 0.5;
/** What is left around it then, as a share of its longer side. */
const AROUND = 0.25;
/** Pixels that what is used of a picture has at least on its longer side. */
const USEFUL = 64;
/** Pixels of a line that are looked at. */
const SAMPLES = 512;

type Side = (typeof BORDER_SIDES)[number];
type Color = [number, number, number];

/** A side of a picture, seen from outside: lines that lie ever deeper. */
interface Edge {
  side: Side;
  color: Color;
  /** Lines of the border. */
  depth: number;
  /** Lines that there are. */
  lines: number;
  /** Where some pixels of a line begin. */
  line(depth: number): number[];
}

/**
 * The uniform border of a picture, and what to do about it; null where it has none, or where it belongs to the picture.
 *
 * Bars are cut off: of one colour, on two opposite sides, about as wide, with a straight edge to something different all
 * along. The plain surroundings of a product are no bars, for the product does not reach along whole sides; they are left
 * alone. Only where the product is small in them, a part of them is cut off, alike on all sides where there is room, so
 * that a quarter of its size is left around it.
 */
export function findBorder(image: RgbImage): Border | null {
  return findBars(image) ?? findMargin(image);
}

/** The bars of a picture alone: what is used of backgrounds has none. */
export function findBars(image: RgbImage): Border | null {
  const { data, width, height } = image;
  for (const pair of [
    ['top', 'bottom'],
    ['left', 'right'],
  ] as const) {
    const edges = pair.map((side) => edgeOf(image, side));
    const ends = edges.map((edge) => endOfBar(data, edge));
    const [first, second] = ends;
    if (first === undefined || second === undefined) continue;
    if (Math.max(first, second) > ALIKE * Math.min(first, second) + 2) continue;
    if (!near(edges[0].color, edges[1].color)) continue;
    const across = pair[0] === 'left';
    const [x, y] = across ? [first, 0] : [0, first];
    const keep: Border['keep'] = across
      ? [x, y, width - first - second, height]
      : [x, y, width, height - first - second];
    if (Math.max(keep[2], keep[3]) < USEFUL) continue;
    return { action: 'cropped', sides: [...pair], color: hex(edges[0].color), keep };
  }
  return null;
}

/** The first line behind a bar; undefined where there is none. */
function endOfBar(data: Uint8Array, edge: Edge): number | undefined {
  const { depth, lines, color } = edge;
  if (depth < Math.max(LEAST_PIXELS, LEAST * lines) || depth > MOST * lines) return undefined;
  const last = Math.min(lines - 1, depth + Math.max(MIXED_PIXELS, Math.round(MIXED * lines)));
  for (let at = depth; at <= last; at++) {
    const line = edge.line(at);
    const different = line.filter((from) => !isNear(data, from, color)).length / line.length;
    if (different < DIFFERENT) continue;
    const varied = Math.max(...color) <= DARK || deviation(data, line) >= VARIED;
    return varied ? at : undefined;
  }
  return undefined;
}

/** The margin around a small product. */
function findMargin(image: RgbImage): Border | null {
  const { width, height } = image;
  const edges = BORDER_SIDES.map((side) => edgeOf(image, side));
  if (edges.some(({ depth, color }) => depth === 0 || !near(color, edges[0].color))) return null;
  const [left, top, right, bottom] = edges.map(({ depth }) => depth);
  const [across, down] = [width - left - right, height - top - bottom];
  const size = Math.max(across / width, down / height);
  if (across < 1 || down < 1 || size >= SMALL) return null;
  const scale = Math.min(1, size * (1 + 2 * AROUND));
  const [keptWidth, keptHeight] = [width, height].map((side) => Math.round(side * scale));
  if (Math.max(keptWidth, keptHeight) < USEFUL) return null;
  const begin = (from: number, length: number, kept: number, side: number) =>
    Math.round(Math.min(side - kept, Math.max(0, from + length / 2 - kept / 2)));
  const x = begin(left, across, keptWidth, width);
  const y = begin(top, down, keptHeight, height);
  return {
    action: 'resized',
    sides: [...BORDER_SIDES],
    color: hex(edges[0].color),
    keep: [x, y, keptWidth, keptHeight],
  };
}

function edgeOf({ data, width, height }: RgbImage, side: Side): Edge {
  const upright = side === 'left' || side === 'right';
  const [lines, length] = upright ? [width, height] : [height, width];
  const every = Math.max(1, Math.floor(length / SAMPLES));
  const along = Array.from({ length: Math.ceil(length / every) }, (_, at) => at * every);
  const line = (depth: number) => {
    const at = side === 'left' || side === 'top' ? depth : lines - 1 - depth;
    return along.map((place) => 3 * (upright ? place * width + at : at * width + place));
  };
  const color = [0, 1, 2].map((c) => median([...line(0), ...line(1)].map((from) => data[from + c]))) as Color;
  let depth = 0;
  while (depth < lines && isUniform(data, line(depth), color)) depth++;
  return { side, color, depth, lines, line };
}

function isUniform(data: Uint8Array, line: number[], color: Color): boolean {
  let others = (1 - UNIFORM) * line.length;
  for (const from of line) if (!isNear(data, from, color) && --others < 0) return false;
  return true;
}

function isNear(data: Uint8Array, from: number, color: Color): boolean {
  return color.every((level, c) => Math.abs(data[from + c] - level) <= TOLERANCE);
}

function near(a: Color, b: Color): boolean {
  return a.every((level, c) => Math.abs(level - b[c]) <= TOLERANCE);
}

/** Of the sum of the channels, as levels of one. */
function deviation(data: Uint8Array, line: number[]): number {
  const levels = line.map((from) => (data[from] + data[from + 1] + data[from + 2]) / 3);
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function hex(color: Color): string {
  return `#${color.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}
