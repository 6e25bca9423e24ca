import type { BoundingBox, RgbImage } from '../../lib/contracts';
import type {
  DecodedMask,
  FrameFeatures,
  MemoryBank,
  PromptPoint,
  TrackingNetwork,
  Values,
} from '../../lib/models';
import type { ClipFrames } from '../../lib/tracking';

const NOTHING: Values = { data: new Float32Array(0), dims: [0] };

/**
 * A network without graphs, which takes everything red for the object: what is asked of it, and what it is told, is what the
 * loop does. With a box it sees what is red in the box only.
 */
export class RedNetwork implements TrackingNetwork {
  readonly size = 64;
  readonly lookBack = 6;
  readonly pointers = 16;
  /** Frames that were encoded, in order. */
  readonly encoded: RgbImage[] = [];
  readonly asked: { points: readonly PromptPoint[] }[] = [];
  readonly banks: MemoryBank[] = [];
  /** Whether each memory came from a prompt. */
  readonly remembered: boolean[] = [];

  async encode(frame: RgbImage): Promise<FrameFeatures> {
    this.encoded.push(frame);
    const data = new Float32Array(this.size * this.size);
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [i % this.size, Math.floor(i / this.size)];
      const at = Math.floor(((y + 0.5) * frame.height) / this.size) * frame.width;
      const from = 3 * (at + Math.floor(((x + 0.5) * frame.width) / this.size));
      data[i] = frame.data[from] > 200 && frame.data[from + 1] < 100 ? 1 : 0;
    }
    const coarse = { data, dims: [1, 1, this.size, this.size] };
    return { fine: NOTHING, middle: NOTHING, coarse, fresh: coarse };
  }

  async attend({ coarse }: FrameFeatures, bank: MemoryBank): Promise<Values> {
    this.banks.push(bank);
    return coarse;
  }

  async decode(_: FrameFeatures, { data }: Values, points: readonly PromptPoint[]): Promise<DecodedMask> {
    this.asked.push({ points });
    const [from, to] = [2, 3].map((label) => points.find((point) => point.label === label));
    const isIn = (i: number) => {
      const [x, y] = [i % this.size, Math.floor(i / this.size)];
      return !from || !to || (x >= from.x && x < to.x && y >= from.y && y < to.y);
    };
    const logits = data.map((value, i) => (value && isIn(i) ? 10 : -10));
    const sees = logits.some((value) => value > 0);
    return {
      ...{ logits: sees ? logits : logits.fill(-1024), side: this.size, full: logits },
      ...{ iou: 0.9, score: sees ? 7 : -7, pointer: new Float32Array(4) },
    };
  }

  async remember(_: FrameFeatures, __: DecodedMask, prompted: boolean) {
    this.remembered.push(prompted);
    return { tokens: new Uint16Array(4) };
  }
}

/** A clip of `width` x `height` pixels in which these boxes are red, frame by frame. */
export function redClip(frames: readonly BoundingBox[][], width = 128, height = 64): ClipFrames {
  return {
    count: frames.length,
    read: async (index) => {
      const data = new Uint8Array(width * height * 3).fill(120);
      for (const [left, top, w, h] of frames[index])
        for (let y = top; y < top + h; y++)
          for (let x = left; x < left + w; x++) data.set([230, 30, 30], 3 * (y * width + x));
      return { data, width, height };
    },
  };
}
