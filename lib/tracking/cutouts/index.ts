import { type BoundingBox, throwIfAborted } from '../../contracts';
import type { MatteNetwork } from '../../models';
import type { ClipFrames, Place } from '../types';
import type { ObjectMask } from './types';
import { follow } from './follow';
import { fuse } from './fuse';
import { locate, locateAt } from './locate';

export { LOST, compactMask, type ObjectMask } from './types';

export interface CutClipOptions {
  /** The object that is meant, in one of the frames; left out: the clip's main object. */
  at?: Place;
  signal: AbortSignal;
  /** Told how many of the frames are done. */
  onFrame?(done: number, total: number): void;
}

/**
 * One object cut out of every frame of a clip by a network for still pictures: followed from the frame that shows it
 * best to both ends, looked at closely where it is expected, its mattes steadied by those of the frames around.
 * @returns one mask for each frame; all are lost where no frame shows an object
 * @throws VitrineError CANCELLED, and what the network says
 */
export async function cutClip(
  network: MatteNetwork,
  clip: ClipFrames,
  { at, signal, onFrame }: CutClipOptions,
): Promise<ObjectMask[]> {
  const start = at ? await locateAt(network, clip, at) : await locate(network, clip, signal);
  let done = 0;
  const sightings = start
    ? await follow(network, clip, start, signal, () => onFrame?.(++done, clip.count))
    : new Array<undefined>(clip.count).fill(undefined);
  throwIfAborted(signal);
  return fuse(sightings, signal);
}

/**
 * Where a clip's main object shows best.
 * @returns its box in pixels of the clip's frames; nothing where no frame shows an object
 * @throws VitrineError CANCELLED, and what the network says
 */
export async function findMainObject(
  network: MatteNetwork,
  clip: ClipFrames,
  signal: AbortSignal,
): Promise<{ frame: number; box: BoundingBox } | undefined> {
  const start = await locate(network, clip, signal);
  return start && { frame: start.frame, box: start.sighting.box };
}
