import type { FrameMemory, MemoryBank, TrackingNetwork } from '../models';

/** Frames with a prompt whose memory is kept: the first, and the last ones. */
const PROMPTED = 4;

interface Remembered {
  /** Dropped before the pointer, which is looked back to further. */
  memory?: FrameMemory;
  pointer: Float32Array;
}

/** What is remembered of one object: never more than the network can look at, however long the clip. */
export class ObjectMemory {
  private readonly prompted = new Map<number, Required<Remembered>>();
  private readonly tracked = new Map<number, Remembered>();

  /**
   * @param anchor the frame of its first prompt, which is gone out from in both directions
   * @param count frames of the clip
   */
  constructor(
    private readonly network: TrackingNetwork,
    private readonly anchor: number,
    private readonly count: number,
  ) {}

  /** Remembers a frame with a prompt. */
  keepPrompted(index: number, what: Required<Remembered>): void {
    this.tracked.delete(index);
    this.prompted.set(index, what);
    const later = [...this.prompted.keys()].filter((each) => each !== this.anchor);
    for (const each of later.slice(0, Math.max(0, later.length - (PROMPTED - 1)))) this.prompted.delete(each);
  }

  /** Remembers a frame in which the object was followed, and forgets those that are out of reach from there. */
  keepTracked(index: number, what: Required<Remembered>): void {
    this.tracked.set(index, what);
    const { lookBack, pointers } = this.network;
    for (const [each, remembered] of this.tracked) {
      // What lies beside the anchor is looked back to when the clip is gone through the other way.
      const away = Math.min(Math.abs(each - index), Math.abs(each - this.anchor));
      if (away >= pointers) this.tracked.delete(each);
      else if (away > lookBack) delete remembered.memory;
    }
  }

  /**
   * What frame `index` is looked at with.
   * @param step 1: going forwards, -1: backwards
   */
  bank(index: number, step: 1 | -1): MemoryBank {
    const { lookBack, pointers: most } = this.network;
    const span = Math.min(this.count, most) - 1;
    const memories: MemoryBank['memories'][number][] = [...this.prompted.values()].map(({ memory }) => ({
      memory,
    }));
    for (let age = lookBack; age > 0; age--) {
      const memory = this.tracked.get(index - age * step)?.memory;
      if (memory) memories.push({ memory, age });
    }
    const pointers = [...this.prompted]
      .map(([each, { pointer }]) => ({ pointer, distance: (index - each) * step }))
      .filter(({ distance }) => distance >= 0);
    for (let distance = 1; distance < Math.min(this.count, most); distance++) {
      const found = this.tracked.get(index - distance * step);
      if (found) pointers.push({ pointer: found.pointer, distance });
    }
    return { memories, pointers, span };
  }
}
