import type { TaskName } from '../../contracts';

/** Jobs that the median is taken of: one odd photo says nothing about the next. */
const REMEMBERED = 9;
/** Fewer tell nothing: the first ones of a process wait for code that is compiled. */
const ENOUGH = 3;

/** How many seconds of a worker tasks take. */
export class Pace {
  private readonly last = new Map<TaskName, number[]>();
  private readonly notedAt = new Map<TaskName, number>();

  /** @param seconds of a worker that had nothing else to do, or its share of one that had */
  note(name: TaskName, seconds: number): void {
    this.last.set(name, [...(this.last.get(name) ?? []), seconds].slice(-REMEMBERED));
    this.notedAt.set(name, performance.now());
  }

  /** Seconds since the last one was done; undefined before. */
  ageOf(name: TaskName): number | undefined {
    const at = this.notedAt.get(name);
    return at === undefined ? undefined : (performance.now() - at) / 1000;
  }

  /** The median of the last ones; undefined before there are enough. */
  of(name: TaskName): number | undefined {
    const seconds = [...(this.last.get(name) ?? [])].sort((a, b) => a - b);
    if (seconds.length < ENOUGH) return undefined;
    return seconds[Math.floor((seconds.length - 1) / 2)];
  }
}
