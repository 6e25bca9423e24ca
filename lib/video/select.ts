import { invalid } from '../contracts';
import type { FrameSelection } from './types';

/**
 * Source indices that a selection takes, ascending.
 * @param times seconds of all frames, ascending
 * @throws VitrineError INVALID_PARAMETER
 */
export function selectFrames(times: readonly number[], { maxFrames, fps, stride }: FrameSelection): number[] {
  if (!Number.isInteger(maxFrames) || maxFrames < 1)
    throw invalid('max_frames', 'a whole number, at least 1', maxFrames);
  if (fps !== undefined && !(fps > 0 && fps < Infinity)) throw invalid('fps', 'a number over 0', fps);
  if (stride !== undefined && (!Number.isInteger(stride) || stride < 1))
    throw invalid('stride', 'a whole number, at least 1', stride);
  if (fps !== undefined && stride !== undefined)
    throw invalid('stride', 'left out where fps is given', stride, 'Give one of the two.');
  const every = stride ?? 1;
  const taken = fps === undefined ? everyNth(times.length, every) : atRate(times, fps);
  return spread(taken, maxFrames);
}

function everyNth(count: number, stride: number): number[] {
  return Array.from({ length: Math.ceil(count / stride) }, (_, at) => at * stride);
}

/** The frame that is on the screen at each tick; none twice. */
function atRate(times: readonly number[], fps: number): number[] {
  const taken: number[] = [];
  // A tick falls on a frame although their times were rounded apart.
  const slack = 1e-3;
  const last = times.length - 1;
  const end = last > 0 ? times[last] + (times[last] - times[0]) / last : Infinity;
  let tick = 0;
  times.forEach((_, index) => {
    const until = (times[index + 1] ?? end) - times[0] - slack;
    if (tick / fps >= until) return;
    taken.push(index);
    tick = Math.max(tick + 1, Math.ceil(until * fps));
  });
  return taken;
}

/** At most `count` of them, at even distances, the first and the last among them. */
function spread(indices: number[], count: number): number[] {
  if (indices.length <= count) return indices;
  if (count === 1) return [indices[indices.length >> 1]];
  const step = (indices.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, at) => indices[Math.round(at * step)]);
}

/** The index of the frame that is nearest in time. */
export function nearest(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < seconds) low = middle + 1;
    else high = middle;
  }
  return low > 0 && seconds - times[low - 1] <= times[low] - seconds ? low - 1 : low;
}

/** Tells the frames that are asked for from others, as a decoder gives them, of which some may be lost. */
export class WantedFrames {
  private readonly indices: ReadonlySet<number>;
  private readonly last: number;
  /** Of the frame before. */
  private index = -1;

  /**
   * @param times seconds of all frames, ascending
   * @param indices of those that are wanted, ascending
   */
  constructor(
    private readonly times: readonly number[],
    indices: readonly number[],
  ) {
    this.indices = new Set(indices);
    this.last = indices[indices.length - 1];
  }

  /** Nothing that comes now is wanted any more. */
  get isDone(): boolean {
    return this.index >= this.last;
  }

  /**
   * @param seconds at which the decoder shows its next frame; NaN where it does not know
   * @returns the frame's index; undefined for one that is not wanted, or was there before
   */
  indexAt(seconds: number): number | undefined {
    const index = Number.isNaN(seconds) ? this.index + 1 : this.firstUnseen(nearest(this.times, seconds));
    if (index === undefined) return undefined;
    this.index = index;
    return this.indices.has(index) ? index : undefined;
  }

  /** Of several frames that have one time, each is the next. */
  private firstUnseen(index: number): number | undefined {
    if (index > this.index) return index;
    const next = this.index + 1;
    return this.times[next] === this.times[index] ? next : undefined;
  }
}
