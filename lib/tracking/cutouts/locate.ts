import { type BoundingBox, throwIfAborted } from '../../contracts';
import type { MatteNetwork } from '../../models';
import type { ClipFrames } from '../types';
import { likeness } from './appearance';
import { overlapOf } from './pieces';
import { type Sighting, sight } from './sighting';
import { moveMatte, wholeOf, windowAround } from './window';

/** Frames of a clip that are searched for its main object. */
const SAMPLES = 9;
/** What a sighting counts for that the frame cuts off: rather a part of the room than a product that is shown. */
const CUT_OFF = 0.5;
/** Only objects that look very much alike in two frames confirm each other. */
const STRICTNESS = 4;

/** Where following an object begins. */
export interface Start {
  frame: number;
  sighting: Sighting;
}

/**
 * Finds a clip's main object and the frame that shows it best: the one that looks the same from near and from afar, and
 * that other frames show as well.
 * @returns nothing where no frame shows anything
 */
export async function locate(
  network: MatteNetwork,
  clip: ClipFrames,
  signal: AbortSignal,
): Promise<Start | undefined> {
  const found: (Start & { steadiness: number })[] = [];
  for (const frame of spread(clip.count)) {
    throwIfAborted(signal);
    const image = await clip.read(frame);
    const far = await sight(network, image, wholeOf(image));
    const near = far && (await sight(network, image, windowAround(far.box, image)));
    if (!far || !near) continue;
    const again = moveMatte(far.alpha, far.window, near.window, near.alpha);
    const wholeness = isCutOff(near.box, image) ? CUT_OFF : 1;
    found.push({
      frame,
      sighting: near,
      steadiness: overlapOf(again, near.alpha) * near.decided * wholeness,
    });
  }
  const scores = found.map(({ sighting, steadiness }, own) => {
    const others = found.map((other, index) =>
      index === own
        ? 0
        : likeness(sighting.appearance, other.sighting.appearance) ** STRICTNESS * other.steadiness,
    );
    return steadiness * (0.2 + others.reduce((sum, value) => sum + value, 0) / Math.max(1, found.length - 1));
  });
  return found[scores.indexOf(Math.max(...scores))];
}

/**
 * The object that a person points at.
 * @param box in pixels of the frame
 * @returns nothing where the network sees nothing there
 */
export async function locateAt(
  network: MatteNetwork,
  clip: ClipFrames,
  frame: number,
  box: BoundingBox,
): Promise<Start | undefined> {
  const image = await clip.read(frame);
  const window = windowAround(box, image);
  const prior = moveMatte({ data: Uint8Array.of(255), width: 1, height: 1 }, box, window, {
    width: network.size,
    height: network.size,
  });
  const sighting = await sight(network, image, window, prior);
  return sighting && { frame, sighting };
}

/** Whether an object reaches the border of its frame, in pixels of the frame. */
function isCutOff([x, y, width, height]: BoundingBox, frame: { width: number; height: number }): boolean {
  return x < 2 || y < 2 || x + width > frame.width - 2 || y + height > frame.height - 2;
}

/** Evenly spread frames, neither the very first nor the very last, where a clip has enough. */
function spread(count: number): number[] {
  const samples = Math.min(SAMPLES, count);
  return Array.from({ length: samples }, (_, index) => Math.floor(((index + 0.5) * count) / samples));
}
