import type { BoundingBox } from '../contracts';
import type { DecodedMask, FrameFeatures, PromptPoint, TrackingNetwork } from '../models';
import { Gate, overlap } from './gate';
import { alphaOf, shapeOf, type Shape } from './mask';
import { ObjectMemory } from './memory';
import { checkWithin, promptPoints } from './prompts';
import { movePrompt } from './rim';
import type { ObjectPrompt, TrackedObject } from './types';

/** 1: forwards, -1: backwards. */
export type Step = 1 | -1;

/** Two boxes that share more than this are one thing. */
const SAME = 0.5;

interface Size {
  width: number;
  height: number;
}

/** One object on its way through a clip. */
export class ObjectTrack {
  /** The frame of its prompt. */
  readonly anchor: number;
  /** Frames in a row, up to the last one, in which it was lost. */
  lostFor = 0;
  private readonly memory: ObjectMemory;
  private gate = new Gate();
  private atAnchor?: Shape;

  /** @param count frames of the clip */
  constructor(
    private readonly network: TrackingNetwork,
    private readonly prompt: ObjectPrompt,
    private readonly name: string,
    count: number,
  ) {
    this.anchor = prompt.frame;
    this.memory = new ObjectMemory(network, this.anchor, count);
  }

  /**
   * The frame with the prompt.
   * @param rim pixels around it that the clip's own frame does not have
   * @throws VitrineError INVALID_PARAMETER for a prompt outside of the clip's own frame
   */
  async start(frame: Size, rim: number, features: FrameFeatures): Promise<TrackedObject> {
    const { width, height } = frame;
    checkWithin(this.prompt, { width: width - 2 * rim, height: height - 2 * rim }, this.name);
    const points = promptPoints(movePrompt(this.prompt, rim), frame, this.network.size);
    const { object, mask, shape } = await this.ask(frame, features, points);
    this.atAnchor = shape;
    await this.keep(this.anchor, features, mask, shape);
    return this.told(object, !shape);
  }

  /** Goes out from the prompt anew, the other way. */
  turn(): void {
    this.gate = new Gate();
    this.lostFor = 0;
    if (this.atAnchor) this.gate.accept(this.anchor, this.atAnchor);
  }

  /** The next frame: what is remembered says where the object is. */
  async follow(index: number, step: Step, frame: Size, features: FrameFeatures): Promise<TrackedObject> {
    const seen = await this.network.attend(features, this.memory.bank(index, step));
    const mask = await this.network.decode(features, seen, []);
    const { object, shape } = this.look(mask, frame);
    const refused = shape && this.gate.refuses(index, shape);
    // A wrong sight that is remembered would be what the next frames look for.
    if (refused) return this.told({ ...object, alpha: empty(frame), refused }, true);
    const memory = await this.network.remember(features, mask, false);
    this.memory.keepTracked(index, { memory, pointer: mask.pointer });
    if (shape) this.gate.accept(index, shape);
    return this.told(object, !shape);
  }

  /**
   * Prompts a lost object anew with the first box that can be it: later frames go by it, too.
   * @param boxes what may be it, in pixels of the frame, the likeliest first
   * @param others where the other objects are
   * @returns undefined: none of them is
   */
  async resume(
    index: number,
    frame: Size,
    features: FrameFeatures,
    boxes: readonly BoundingBox[],
    others: readonly BoundingBox[],
  ): Promise<TrackedObject | undefined> {
    for (const box of boxes) {
      if (others.some((other) => overlap(other, box) > SAME)) continue;
      const points = promptPoints({ box }, frame, this.network.size);
      const { object, mask, shape } = await this.ask(frame, features, points);
      const isIt = shape && overlap(shape.box, box) > SAME && !this.gate.refuses(index, shape);
      if (!isIt) continue;
      await this.keep(index, features, mask, shape);
      return this.told(object, false);
    }
    return undefined;
  }

  private async ask(frame: Size, features: FrameFeatures, points: readonly PromptPoint[]) {
    const mask = await this.network.decode(features, features.fresh, points);
    return { mask, ...this.look(mask, frame) };
  }

  private async keep(
    index: number,
    features: FrameFeatures,
    mask: DecodedMask,
    shape?: Shape,
  ): Promise<void> {
    const memory = await this.network.remember(features, mask, true);
    this.memory.keepPrompted(index, { memory, pointer: mask.pointer });
    if (shape) this.gate.accept(index, shape);
  }

  private look({ logits: data, side, score }: DecodedMask, { width, height }: Size) {
    const alpha = score > 0 ? alphaOf(data, side, width, height) : empty({ width, height });
    return {
      object: { alpha, logits: { data, side }, score },
      shape: score > 0 ? shapeOf(alpha) : undefined,
    };
  }

  private told(object: Omit<TrackedObject, 'lost'>, lost: boolean): TrackedObject {
    this.lostFor = lost ? this.lostFor + 1 : 0;
    return { ...object, lost };
  }
}

function empty({ width, height }: Size) {
  return { data: new Uint8Array(width * height), width, height };
}
