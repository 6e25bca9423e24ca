import { basename, join } from 'node:path';
import {
  type BoundingBox,
  GEMINI_URL,
  type Links,
  type ProductMetadata,
  type Progress,
  type SegmentResult,
  type SegmentedClip,
  type Tasks,
  FORMATS,
  VitrineError,
  cancelled,
  frameName,
  productRow,
} from '../../contracts';
import { describeProduct, findInPicture } from '../../providers';
import { hostsFor, keyOf } from '../generators/key';
import { whenThereIsRoom } from '../when-there-is-room';
import { FramesDelivery, type PublishedFrames } from './publish-frames';
import { supabaseOf } from './supabase-access';
import type { JobDone, JobRun } from './types';

/** Frames that Gemini is shown, and that it looks for the text's object in. */
const STILLS = 5;
const DETECTOR = 'grounding-dino-tiny';

type Run = JobRun<'segment'>;
type Still = Tasks['stills']['output']['stills'][number];

/**
 * A product out of a video: the worker cuts its frames, and meanwhile Gemini reads what stands on it and the frames go to
 * Supabase, as far as that is asked for and there are keys.
 * @throws VitrineError what the worker's tasks and the services can say; nothing is left in Supabase then that was not
 *   there before
 */
export async function segment(job: Run): Promise<JobDone<'segment'>> {
  const { params } = job;
  // What fails ends what goes on beside it.
  const either = new AbortController();
  const signal = AbortSignal.any([job.signal, either.signal]);
  const run: Run = { ...job, signal };
  const delivery = await deliveryOf(run);
  try {
    const asked = metadataOf(run);
    const clip = await Promise.race([cut(run, delivery), asked.failure]);
    const { metadata, warnings } = await asked.result;
    const published = await delivery?.publish({
      primary: clip.artifacts[clip.primary]!,
      document: documentOf(params, clip, metadata),
      metadata,
    });
    const told = [...warnings, ...(delivery?.warnings ?? [])];
    return answer(run, clip, { metadata, warnings: told, published });
  } catch (error) {
    either.abort(cancelled());
    await delivery?.abandon();
    throw error;
  }
}

/** Where the frames are delivered to, once it is known that they can be. */
async function deliveryOf({ params, secrets, config, signal, onDefect }: Run) {
  const { supabase: wanted, supabase_url: url, product_id: productId } = params;
  if (wanted === 'off') return undefined;
  const known = (url ?? config.supabaseUrl) && keyOf('supabase_key', { secrets, config });
  if (wanted === 'auto' && (!known || productId === undefined)) return undefined;
  if (productId === undefined) throw noProduct();
  return FramesDelivery.open({
    supabase: supabaseOf({ url }, { secrets, config }, signal),
    bucket: params.bucket,
    productId,
    row: params.row ?? productRow.parse({}),
    ...{ signal, onDefect },
  });
}

/** The frames by the worker; each is on its way as soon as it is whole. */
async function cut(job: Run, delivery: FramesDelivery | undefined): Promise<SegmentedClip> {
  const { pool, files, params, folder, signal, onProgress } = job;
  const found = await foundByText(job);
  const { extension } = FORMATS[params.format];
  let [sent, failure]: [number, unknown] = [0, undefined];
  let sending: Promise<void> = Promise.resolve();
  const send = (made: number) => {
    if (!delivery) return;
    for (; sent < made; sent++) {
      const file = join(folder, `${frameName(sent)}.${extension}`);
      sending = sending.then(() => delivery.add(file)).catch((error: unknown) => void (failure ??= error));
    }
  };
  const told = (event: Progress) => {
    if (event.made) send(event.made);
    onProgress(event);
  };
  const input = { file: files.video, params, found };
  const clip = await whenThereIsRoom(signal, () =>
    pool.run('segment', input, { folder, signal, onProgress: told }),
  );
  send(clip.frame_count);
  await sending;
  if (failure) throw failure;
  return clip;
}

/** Asks Gemini what stands on the product, beside the worker; only what was asked for expressly may fail the job. */
function metadataOf(job: Run): { result: Promise<Described>; failure: Promise<never> } {
  const { params } = job;
  const result = describe(job).catch((thrown: unknown): Described => {
    if (params.metadata === 'on' || job.signal.aborted) throw thrown;
    const { message } = VitrineError.from(thrown);
    return { metadata: null, warnings: [`The product could not be described: ${message}.`] };
  });
  const failure = result.then(() => new Promise<never>(() => undefined));
  failure.catch(() => undefined);
  return { result, failure };
}

interface Described {
  metadata: ProductMetadata | null;
  warnings: string[];
}

async function describe(job: Run): Promise<Described> {
  const { params, config, signal } = job;
  if (params.metadata === 'off') return { metadata: null, warnings: [] };
  const apiKey = keyOf('gemini_api_key', job);
  if (!apiKey && params.metadata === 'auto') return { metadata: null, warnings: [] };
  if (!apiKey) throw noKey();
  const stills = await stillsOf(job);
  const { metadata, warnings } = await describeProduct({
    ...{ apiKey, signal, baseUrl: config.geminiUrl, model: config.geminiVisionModel },
    images: stills.map(({ file }) => file),
    barcode: params.barcode,
    allowHosts: hostsFor(config.geminiUrl, GEMINI_URL, config.allowHosts),
  });
  return { metadata, warnings };
}

/** Where Gemini sees what the text names, where there is a key and nothing on this machine that finds it. */
async function foundByText(job: Run): Promise<{ frame: number; box: BoundingBox } | undefined> {
  const { params, pool, config, signal } = job;
  const key = keyOf('gemini_api_key', job);
  if (params.prompt === undefined || !key) return undefined;
  const models = await pool.ask('models', {});
  if (models.some(({ id, available }) => id === DETECTOR && available)) return undefined;
  const url = config.geminiUrl;
  const access = { key, url, signal, allowHosts: hostsFor(url, GEMINI_URL, config.allowHosts) };
  for (const still of await stillsOf(job)) {
    const box = await findInPicture(access, config.geminiVisionModel, still, params.prompt);
    if (box) return { frame: still.frame, box: box.map((value) => value * still.ratio) as BoundingBox };
  }
  throw new VitrineError({
    code: 'NO_SUBJECT',
    message: `Gemini sees nothing in ${STILLS} frames of the video that answers to "${params.prompt}"`,
    hint: 'Name the object in other words, say where it is with box or point and prompt_frame, or leave prompt out.',
  });
}

async function stillsOf({ pool, files, folder, signal }: Run): Promise<Still[]> {
  const input = { file: files.video, count: STILLS };
  const { stills } = await whenThereIsRoom(signal, () => pool.run('stills', input, { folder, signal }));
  return stills;
}

/** What lies beside the frames in Supabase. */
function documentOf(params: Run['params'], clip: SegmentedClip, metadata: ProductMetadata | null): object {
  const { artifacts, frames, metrics, ...facts } = clip;
  const named = frames.map(({ artifact, ...frame }) => ({
    file: basename(artifacts[artifact]!),
    ...frame,
  }));
  return { ...idsOf(params), metadata, ...facts, metrics, frames: named };
}

function answer(
  { params }: Run,
  clip: SegmentedClip,
  { metadata, warnings, published }: Described & { published?: PublishedFrames },
): JobDone<'segment'> {
  const { artifacts, warnings: own, ...rest } = clip;
  return {
    artifacts: artifacts as Links<'segment'>,
    result: (links): SegmentResult => ({
      status: 'success',
      ...idsOf(params),
      metadata,
      ...rest,
      frames_url: published?.frames_url ?? null,
      primary_image_url: published?.primary_image_url ?? null,
      warnings: [...own, ...warnings],
      artifacts: links,
    }),
  };
}

function idsOf({ barcode, video_id, product_id }: Run['params']) {
  return { barcode: barcode ?? null, video_id: video_id ?? null, product_id: product_id ?? null };
}

function noProduct(): VitrineError {
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: 'Expected product_id, since the frames are to go to Supabase, but received nothing',
    hint: 'Send product_id: it names the folder in the bucket and the row. Or set supabase to off.',
  });
}

function noKey(): VitrineError {
  return new VitrineError({
    code: 'KEY_MISSING',
    message: 'The product is to be described, and there is no Gemini API key for that',
    hint: 'Send secrets.gemini_api_key with the job, start the engine with GEMINI_API_KEY, or set metadata to auto or off.',
  });
}
