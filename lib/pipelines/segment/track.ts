import {
  type BoundingBox,
  type SegmentParams,
  type SegmentedClip,
  type Tasks,
  VitrineError,
  invalid,
} from '../../contracts';
import { findModel, firstDevice, isAvailable, resolveModel } from '../../models';
import {
  LOST,
  type ObjectMask,
  type ObjectPrompt,
  type Place,
  compactMask,
  cutClip,
  detect,
  findMainObject,
  trackObjects,
} from '../../tracking';
import { downloading } from '../downloading';
import type { Resources } from '../resources';
import type { JobContext } from '../../contracts';
import type { Clip } from './clip';

/** What follows objects by memory where somebody has fetched it, and what finds them by a text. */
const TRACKER = 'sam2.1-tiny';
const DETECTOR = 'grounding-dino-tiny';
/** The network's object score that counts as wholly sure. */
const SURE = 6;
/** Share of a frame that is mirrored around it, so that objects at its rim have no bumps. */
const RIM = 0.03;
/** Frames that a text is looked for in. */
const LOOKS = 5;

type Found = Tasks['segment']['input']['found'];

/** The object in each of a clip's frames. */
export type Tracked = Pick<SegmentedClip, 'tracker' | 'model' | 'device' | 'warnings'> & {
  masks: ObjectMask[];
};

/** A job on a clip. */
interface Tracking {
  resources: Resources;
  clip: Clip;
  params: SegmentParams;
  at?: Place;
  context: JobContext;
  onFrame(done: number, total: number): void;
}

/**
 * Follows the product through a clip.
 * @param found where somebody has found the product, in pixels of the video
 * @param ratio pixels of the video for one of the clip
 * @throws VitrineError what the networks say; NO_SUBJECT, MODEL_MISSING for a text without what finds it,
 *   INVALID_PARAMETER, CANCELLED
 */
export async function track(tracking: Omit<Tracking, 'at'>, found: Found, ratio: number): Promise<Tracked> {
  const { clip, resources, params } = tracking;
  const brought = broughtAlong(clip);
  if (brought) return brought;
  const inVideo = found ?? pointedAt(params);
  const at = inVideo ? placed(inVideo, clip, ratio) : await byText(tracking);
  const registry = await resources.networks.registry();
  const named = params.model === 'auto' ? undefined : findModel(registry, params.model);
  if (named?.id === 'plain') {
    const hint = 'Leave model at auto, or choose a network such as u2netp, isnet or sam2.1-tiny.';
    throw invalid('model', 'a network', 'plain', hint);
  }
  const device = params.device === 'auto' ? resources.config.device : params.device;
  const tracker = findModel(registry, TRACKER);
  const onCard =
    'files' in tracker && isAvailable(registry, tracker) && firstDevice(tracker, device) !== 'cpu';
  const byMemory = named ? named.task === 'tracking' : onCard;
  const result = await (byMemory ? followed : cut)({ ...tracking, at });
  if (result.masks.every(({ lost }) => lost)) throw noSubject(inVideo);
  return result;
}

/** The mattes of a video that has transparency of its own. */
function broughtAlong({ frames, width, height }: Clip): Tracked | undefined {
  if (!frames.some(({ alpha }) => alpha)) return undefined;
  const box: BoundingBox = [0, 0, width, height];
  const masks = frames.map(({ alpha }): ObjectMask => (alpha ? { alpha, box, score: 1, lost: false } : LOST));
  const warnings = ['The video was cut out already: its own transparency was kept and no model ran.'];
  return { masks, tracker: 'cutouts', model: 'none', device: 'cpu', warnings };
}

/** By a network for pictures, frame after frame. */
async function cut({ resources, clip, params, at, context, onFrame }: Tracking): Promise<Tracked> {
  const { networks } = resources;
  const request = await requestOf(resources, params, context);
  const { id } = resolveModel(await networks.registry(), params.model, request.device);
  return networks.use({ ...request, id, task: 'cutout' }, async ({ network, device, warnings, entry }) => {
    const { signal } = context;
    const masks = await cutClip(network, clip, { at, signal, onFrame });
    return { masks, tracker: 'cutouts', model: entry.id, device, warnings };
  });
}

/** By a network that remembers the object. */
async function followed(tracking: Tracking): Promise<Tracked> {
  const { resources, clip, params, context, onFrame } = tracking;
  const { networks } = resources;
  const { signal } = context;
  const request = await requestOf(resources, params, context);
  const at = tracking.at ?? (await mainObject(tracking, request));
  if (!at) throw noSubject();
  const id = params.model === 'auto' ? TRACKER : params.model;
  return networks.use({ ...request, id, task: 'tracking' }, async ({ network, device, warnings, entry }) => {
    const masks: ObjectMask[] = [];
    for await (const { index, objects } of trackObjects(network, clip, [promptOf(at)], {
      signal,
      onFrame,
      rim: RIM,
    })) {
      const [{ alpha, lost, score }] = objects;
      masks[index] = lost ? LOST : await compactMask(alpha, Math.max(0, Math.min(1, score / SURE)));
    }
    return { masks, tracker: 'memory', model: entry.id, device, warnings };
  });
}

type Request = Awaited<ReturnType<typeof requestOf>>;

async function requestOf(resources: Resources, params: SegmentParams, { signal, progress }: JobContext) {
  return {
    device: params.device === 'auto' ? resources.config.device : params.device,
    strictDevice: params.strict_device,
    signal,
    onDownload: (event: Parameters<typeof downloading>[0]) => progress(downloading(event)),
  };
}

async function mainObject({ resources, clip, context }: Tracking, request: Request) {
  const { networks } = resources;
  const { id } = resolveModel(await networks.registry(), 'auto', request.device);
  return networks.use({ ...request, id, task: 'cutout' }, ({ network }) =>
    findMainObject(network, clip, context.signal),
  );
}

/** Where the text's object shows best. */
async function byText(tracking: Omit<Tracking, 'at'>): Promise<Tracking['at']> {
  const { resources, clip, params, context } = tracking;
  const { prompt } = params;
  if (prompt === undefined) return undefined;
  const { networks } = resources;
  const registry = await networks.registry();
  if (!isAvailable(registry, findModel(registry, DETECTOR))) throw nobodyFinds(prompt);
  const request = await requestOf(resources, params, context);
  return networks.use({ ...request, id: DETECTOR, task: 'detection' }, async ({ network }) => {
    let best: { frame: number; box: BoundingBox; score: number } | undefined;
    let missed: unknown;
    for (let look = 0; look < Math.min(LOOKS, clip.count); look++) {
      const frame = Math.floor(((look + 0.5) * clip.count) / Math.min(LOOKS, clip.count));
      try {
        const [first] = await detect(network, await clip.read(frame), prompt);
        if (!best || first.score > best.score) best = { frame, ...first };
      } catch (error) {
        if (!(error instanceof VitrineError && error.code === 'NO_SUBJECT')) throw error;
        missed = error;
      }
    }
    if (!best) throw missed;
    return best;
  });
}

/** Where the parameters say that the product is, in pixels of the video. */
function pointedAt({ prompt_frame: frame, box, point }: SegmentParams): Place | undefined {
  if (box) return { frame, box };
  return point && { frame, point };
}

/** A place in the video as a place in its clip: in the frame that is next to it. */
function placed(place: Place, { frames, width, height }: Clip, ratio: number): Place {
  const distances = frames.map(({ index }) => Math.abs(index - place.frame));
  const frame = distances.indexOf(Math.min(...distances));
  const [name, numbers, given] =
    'box' in place ? ['box', 'x, y, width, height', place.box] : ['point', 'x, y', place.point];
  const [x, y, across = 0, down = 0] = given.map((value) => value / ratio);
  if (x >= width || y >= height || x + across > width + 1 || y + down > height + 1) {
    const [w, h] = [width, height].map((value) => Math.round(value * ratio));
    throw invalid(name, `${numbers} within the ${w} x ${h} pixels of the video`, given.join(', '));
  }
  return 'box' in place ? { frame, box: [x, y, across, down] } : { frame, point: [x, y] };
}

/** A place as what remembers objects is told of it. */
function promptOf(place: Place): ObjectPrompt {
  if ('box' in place) return place;
  const [x, y] = place.point;
  return { frame: place.frame, points: [{ x, y, label: 1 }] };
}

/** @param place where it was said to be, in pixels of the video */
function noSubject(place?: Place): VitrineError {
  return new VitrineError({
    code: 'NO_SUBJECT',
    message: `No product was found ${place ? nameOf(place) : 'in this video'}`,
    hint: 'Check that the video shows a product, say where it is with box or point and prompt_frame, or choose another model.',
  });
}

function nameOf(place: Place): string {
  const where =
    'box' in place ? `in the box ${place.box.join(', ')}` : `at the point ${place.point.join(', ')}`;
  return `${where} of frame ${place.frame}`;
}

function nobodyFinds(prompt: string): VitrineError {
  return new VitrineError({
    code: 'MODEL_MISSING',
    message: `There is nothing here that finds "${prompt}" in a picture`,
    hint:
      `Fetch ${DETECTOR} with \`vitrine models pull ${DETECTOR}\`, send a Gemini API key with the job, say where the ` +
      'product is with box or point and prompt_frame, or leave prompt out to have the main object cut.',
  });
}
