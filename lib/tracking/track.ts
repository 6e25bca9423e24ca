import { invalid, throwIfAborted, type BoundingBox, type RgbImage } from '../contracts';
import { boundingBox } from '../image';
import type { FrameFeatures, TrackingNetwork } from '../models';
import { ObjectTrack, type Step } from './object-track';
import { checkPrompts } from './prompts';
import { addRim, cutRim, moveBox, rimOf } from './rim';
import type { ClipFrames, ObjectPrompt, TrackedFrame, TrackedObject, TrackOptions } from './types';

/** A lost object is looked for after this many frames, and again after as many. */
const PATIENCE = 3;
const MOST_RIM = 0.25;

/**
 * Follows objects through a clip, from their prompts to both of its ends. What is seen of a frame is shared by all
 * objects; what is held does not grow with the clip.
 *
 * Frames come as they are gone through, not in the order of the clip: from the first prompt to the last frame, then from
 * the last prompt back to the first frame. Those between two objects' prompts come once, when both are known there.
 * @throws VitrineError INVALID_PARAMETER for a prompt that does not fit the clip; CANCELLED between frames; INVALID_MODEL
 */
export function trackObjects(
  network: TrackingNetwork,
  clip: ClipFrames,
  prompts: readonly ObjectPrompt[],
  options: TrackOptions,
): AsyncIterable<TrackedFrame> {
  checkPrompts(prompts, clip.count);
  const { rim = 0 } = options;
  if (!(rim >= 0 && rim <= MOST_RIM)) throw invalid('rim', `a number from 0 to ${MOST_RIM}`, rim);
  const tracks = prompts.map((prompt, i) => new ObjectTrack(network, prompt, `prompts[${i}]`, clip.count));
  return goThrough({ network, clip, tracks, options });
}

interface Journey {
  network: TrackingNetwork;
  clip: ClipFrames;
  tracks: readonly ObjectTrack[];
  options: TrackOptions;
}

async function* goThrough(journey: Journey): AsyncGenerator<TrackedFrame> {
  const { clip, tracks, options } = journey;
  const anchors = tracks.map(({ anchor }) => anchor);
  const [first, last] = [Math.min(...anchors), Math.max(...anchors)];
  /** Frames in which some objects are known only going forwards, the others only going back. */
  const halves = new Map<number, TrackedObject[]>();
  let done = 0;
  const visits: [number, Step][] = [
    ...Array.from({ length: clip.count - first }, (_, i): [number, Step] => [first + i, 1]),
    ...Array.from({ length: last }, (_, i): [number, Step] => [last - 1 - i, -1]),
  ];
  for (const [index, step] of visits) {
    throwIfAborted(options.signal);
    if (step < 0 && index === last - 1) for (const track of tracks) track.turn();
    const found = await visit(journey, index, step);
    const known = halves.get(index) ?? [];
    found.forEach((object, i) => (known[i] = object));
    halves.delete(index);
    // A hole is an object whose prompt lies further on.
    if (step > 0 && index < last) halves.set(index, known);
    else {
      yield { index, objects: known };
      options.onFrame?.(++done, clip.count);
    }
  }
}

/** One frame for the objects that are gone through in this direction; the others stay holes. */
async function visit(journey: Journey, index: number, step: Step): Promise<TrackedObject[]> {
  const { network, clip, tracks, options } = journey;
  const going = tracks.flatMap((track, i) =>
    (index - track.anchor) * step > 0 || (step > 0 && index === track.anchor) ? [i] : [],
  );
  const found: TrackedObject[] = [];
  if (!going.length) return found;
  const own = await clip.read(index);
  const rim = rimOf(own, options.rim ?? 0);
  const frame = addRim(own, rim);
  const features = await network.encode(frame);
  for (const i of going) {
    throwIfAborted(options.signal);
    const track = tracks[i];
    found[i] =
      index === track.anchor
        ? await track.start(frame, rim, features)
        : await track.follow(index, step, frame, features);
  }
  await lookForLost(journey, { index, own, rim, frame, features }, found);
  return found.map((object) => ({ ...object, alpha: cutRim(object.alpha, rim) }));
}

interface Sight {
  index: number;
  /** As the clip has it. */
  own: RgbImage;
  /** With a rim of so many pixels, as it is looked at. */
  frame: RgbImage;
  rim: number;
  features: FrameFeatures;
}

/** Replaces lost objects that are found anew. */
async function lookForLost(
  { tracks, options: { find } }: Journey,
  { index, own, rim, frame, features }: Sight,
  found: TrackedObject[],
): Promise<void> {
  if (!find) return;
  for (const [i, object] of found.entries()) {
    const track = tracks[i];
    if (!object?.lost || index === track.anchor || track.lostFor % PATIENCE) continue;
    const boxes = (await find(own, index, i)).map((box) => moveBox(box, rim));
    const others = found.flatMap((other, at): BoundingBox[] => {
      const box = at === i || !other || other.lost ? undefined : boundingBox(other.alpha);
      return box ? [box] : [];
    });
    found[i] = (await track.resume(index, frame, features, boxes, others)) ?? object;
  }
}
