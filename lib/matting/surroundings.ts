import { type Alpha, type BoundingBox, type RgbImage, throwIfAborted } from '../contracts';
import { type Arena, sharedArena } from '../kernels';
import { type Sparse, sparse } from './sparse';
import { type Size, dilate } from './squares';

/** Side in pixels of the smallest blocks. */
export const BLOCK = 2;
/** Blocks around soft ones that take part. */
const REACH = 16;
/** Weights are this power of alpha and of what it lacks to 1: nearly opaque and nearly hidden pixels count. */
const PURITY = 16;
const WEIGHTS = Float32Array.from({ length: 256 }, (_, value) => (value / 255) ** PURITY);
/** What the next larger block weighs, beside the weights of pixels from 0 to 1. */
const LARGER = 0.03;
/** Numbers of a block's sums, as kernels/surroundings.ts lays them out. */
const SUMS = 12;
/** What the larger blocks weigh where there are none: the last block takes what there is, however little. */
const NOTHING = 1e-30;
/** Rows of blocks that are worked on at a time, so that not all of a picture has to lie beside the kernels. */
const STRIP = 64;
/** Per block: r, g, b and variance of the product, and the same of the backdrop, in levels of 0..255. */
export const VALUES = 8;

/** What is around each block of 2 x 2 pixels that holds a soft one, or is near one. */
export interface Surroundings extends Sparse {
  /** `VALUES` for each block that takes part; those of blocks that hold no soft pixel nor touch one that does are 0. */
  values: Float32Array;
}

interface Level extends Sparse {
  /** Addresses. Behind those of the blocks that take part there are the zeros of one that takes none. */
  sums: number;
  means: number;
  /** 1 for the blocks whose means are asked for. */
  wanted: Uint8Array;
}

/**
 * The colours of product and backdrop around every soft pixel, and how much they vary, from pixels that are one or the
 * other. A pyramid of blocks, each level blurred a little: a block takes the mean of its own pixels and, as far as they
 * say nothing, that of the larger block around it (pull-push; S. Gortler et al., "The lumigraph", SIGGRAPH 1996).
 * @param box holds every pixel that is not hidden
 * @returns undefined when no pixel is soft
 * @throws VitrineError CANCELLED
 */
export function surroundings(
  image: RgbImage,
  alpha: Alpha,
  box: BoundingBox,
  signal?: AbortSignal,
): Surroundings | undefined {
  const soft = softBlocks(image, alpha, box);
  if (!soft) return undefined;
  const arena = sharedArena();
  return arena.scope(() => {
    const first = smallest(arena, image, alpha, soft);
    const levels = [first];
    while (levels[0].width > 1 || levels[0].height > 1) {
      if (signal) throwIfAborted(signal);
      levels.unshift(pull(arena, levels[0]));
    }
    levels.forEach((level, step) => {
      if (signal) throwIfAborted(signal);
      push(arena, level, levels[step - 1]);
    });
    const { width, height, numbers, places } = first;
    return { width, height, numbers, places, values: valuesOf(arena, first) };
  });
}

/** 1 for each of the smallest blocks that holds a soft pixel; undefined when none does. */
function softBlocks(
  { width, height }: RgbImage,
  alpha: Alpha,
  [left, top, across, down]: BoundingBox,
): Uint8Array | undefined {
  const columns = Math.ceil(width / BLOCK);
  const soft = new Uint8Array(columns * Math.ceil(height / BLOCK));
  let any = false;
  for (let y = top; y < top + down; y++) {
    const row = (y >> 1) * columns;
    for (let x = left, i = y * width + left; x < left + across; x++, i++) {
      if (alpha.data[i] === 0 || alpha.data[i] === 255) continue;
      soft[row + (x >> 1)] = 1;
      any = true;
    }
  }
  return any ? soft : undefined;
}

function smallest(arena: Arena, image: RgbImage, alpha: Alpha, soft: Uint8Array): Level {
  const { width, height } = image;
  const size = { width: Math.ceil(width / BLOCK), height: Math.ceil(height / BLOCK) };
  const level = empty(arena, dilate(soft, size, REACH), size);
  for (let i = 0; i < soft.length; i++) {
    if (!soft[i]) continue;
    const row = Math.floor(i / size.width);
    want(level, (i % size.width) - 1, row - 1, 3);
  }
  for (const { top, bottom, first, count } of strips(level)) {
    arena.scope(() => {
      const picture = putRows(arena, image.data, width * 3, top * BLOCK, bottom * BLOCK);
      const matte = putRows(arena, alpha.data, width, top * BLOCK, bottom * BLOCK);
      const places = arena.put(level.places.subarray(first, first + count));
      const to = [arena.put(WEIGHTS), level.sums + first * SUMS * 4] as const;
      arena.kernels.sumBlocks(picture, matte, width, height, places, count, size.width, ...to);
    });
  }
  return level;
}

function empty(arena: Arena, marked: Uint8Array, size: Size): Level {
  const grid = sparse(marked, size);
  const count = grid.places.length;
  const zeros = (length: number) => {
    const at = arena.take(length * 4);
    arena.floats(at, length).fill(0);
    return at;
  };
  return {
    ...grid,
    sums: zeros((count + 1) * SUMS),
    means: zeros((count + 1) * VALUES),
    wanted: new Uint8Array(count),
  };
}

/** Some rows of blocks, and which of those that take part lie in them. */
interface Strip {
  top: number;
  /** The first row that is not in it. */
  bottom: number;
  first: number;
  count: number;
}

function* strips({ width, height, places }: Sparse): Generator<Strip> {
  for (let top = 0, first = 0; top < height; top += STRIP) {
    const bottom = Math.min(height, top + STRIP);
    let end = first;
    while (end < places.length && places[end] < bottom * width) end++;
    if (end > first) yield { top, bottom, first, count: end - first };
    first = end;
  }
}

/** Copies rows of a grid, those that there are. @returns the address that the grid would have */
function putRows(
  arena: Arena,
  data: Uint8Array | Int32Array,
  length: number,
  top: number,
  bottom: number,
): number {
  const from = Math.max(0, top) * length;
  return arena.put(data.subarray(from, bottom * length)) - from * data.BYTES_PER_ELEMENT;
}

/** Asks for the means of a square of blocks, those that take part. */
function want({ width, height, numbers, wanted }: Level, left: number, top: number, side: number): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
      const block = numbers[y * width + x];
      if (block >= 0) wanted[block] = 1;
    }
  }
}

/** The level of blocks twice as large: means of those four that take part. */
function pull(arena: Arena, finer: Level): Level {
  const { width, height, numbers, places, sums, wanted } = finer;
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const marked = new Uint8Array(size.width * size.height);
  for (let i = 0; i < places.length; i++) {
    const y = Math.floor(places[i] / width);
    marked[(y >> 1) * size.width + ((places[i] - y * width) >> 1)] = 1;
  }
  const level = empty(arena, marked, size);
  for (const { top, bottom, first, count } of strips(level)) {
    arena.scope(() => {
      const smaller = putRows(arena, numbers, width, top * 2, bottom * 2);
      const own = arena.put(level.places.subarray(first, first + count));
      const to = [size.width, level.sums + first * SUMS * 4] as const;
      arena.kernels.pullBlocks(sums, smaller, width, height, places.length, own, count, ...to);
    });
  }
  for (let i = 0; i < places.length; i++) {
    if (!wanted[i]) continue;
    const y = Math.floor(places[i] / width);
    // The four that `push` reads.
    want(level, Math.floor((places[i] - y * width - 0.5) / 2), Math.floor((y - 0.5) / 2), 2);
  }
  return level;
}

/** Those means of a level that are asked for, from its own blurred sums and from the level of blocks twice as large. */
function push(arena: Arena, level: Level, larger: Level | undefined): void {
  const { width, height, numbers, places, sums, means } = level;
  arena.scope(() => {
    const wanted = arena.put(level.wanted);
    for (const { top, bottom, first, count } of strips(level)) {
      arena.scope(() => {
        const own = putRows(arena, numbers, width, top - 1, bottom + 1);
        const there = arena.put(places.subarray(first, first + count));
        const about = [sums, own, width, height, places.length, there, first, count, wanted] as const;
        const around = larger
          ? ([
              larger.means,
              putRows(arena, larger.numbers, larger.width, (top >> 1) - 1, (bottom >> 1) + 1),
              ...[larger.width, larger.height, larger.places.length, LARGER],
            ] as const)
          : ([0, 0, 0, 0, 0, NOTHING] as const);
        arena.kernels.pushBlocks(...about, ...around, means);
      });
    }
  });
}

/** The means of a level, with variances in place of mean squares. */
function valuesOf(arena: Arena, { means, places }: Level): Float32Array {
  const values = arena.floats(means, (places.length + 1) * VALUES).slice();
  for (let at = 0; at < values.length; at += 4) {
    const red = values[at];
    const green = values[at + 1];
    const blue = values[at + 2];
    values[at + 3] = Math.max(0, values[at + 3] - (red * red + green * green + blue * blue) / 3);
  }
  return values;
}
