import { type BoundingBox, type RgbImage, throwIfAborted } from '../../contracts';
import type { MatteNetwork } from '../../models';
import type { ClipFrames, Place } from '../types';
import { likeness } from './appearance';
import { look } from './look';
import { overlapOf, pieceAt } from './pieces';
import { type Sighting, sight } from './sighting';
import { moveMatte, objectIn, wholeOf, windowAround } from './window';

/** Frames of a clip that are searched for its main object. */
const SAMPLES = 9;
/** What a sighting counts for that the frame cuts off: rather a part of the room than a product that is shown. */
const CUT_OFF = 0.5;
/** Sides of the squares around a point that are looked at when no object is seen there from afar, of the longer side. */
const NEARER = [0.4, 0.2, 0.1];
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
        : likeness(sighting.colours.object, other.sighting.colours.object) ** STRICTNESS * other.steadiness,
    );
    return steadiness * (0.2 + others.reduce((sum, value) => sum + value, 0) / Math.max(1, found.length - 1));
  });
  return found[scores.indexOf(Math.max(...scores))];
}

/**
 * The object that a person points at.
 * @returns nothing where the network sees nothing there
 */
export async function locateAt(
  network: MatteNetwork,
  clip: ClipFrames,
  at: Place,
): Promise<Start | undefined> {
  const { frame } = at;
  const image = await clip.read(frame);
  const box = 'box' in at ? at.box : await boxAround(network, image, at.point);
  if (!box) return undefined;
  const window = windowAround(box, image);
  const prior = moveMatte({ data: Uint8Array.of(255), width: 1, height: 1 }, box, window, {
    width: network.size,
    height: network.size,
  });
  const sighting = await sight(network, image, window, prior);
  return sighting && { frame, sighting };
}

/** The object that a point lies on, as the network sees it from as far away as it sees one there. */
async function boxAround(
  network: MatteNetwork,
  image: RgbImage,
  [x, y]: readonly [number, number],
): Promise<BoundingBox | undefined> {
  const longer = Math.max(image.width, image.height);
  const squares = NEARER.map((share): BoundingBox => {
    const side = share * longer;
    return windowAround([x - side / 2, y - side / 2, side, side], image);
  });
  for (const window of [wholeOf(image), ...squares]) {
    const { alpha } = await look(network, image, window);
    const column = Math.floor(((x - window[0]) * alpha.width) / window[2]);
    const row = Math.floor(((y - window[1]) * alpha.height) / window[3]);
    const piece = pieceAt(alpha, Math.min(alpha.width - 1, column), Math.min(alpha.height - 1, row));
    const box = piece && objectIn(piece, window);
    if (box) return box;
  }
  return undefined;
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
