import type { IBinaryData, IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import {
  parametersOf,
  parse,
  type SegmentArtifact,
  type SegmentParamsInput,
  segmentParams,
  type SegmentResult,
} from '../../../lib/contracts';
import type { EngineJob } from '../../../lib/engine/client';
import {
  agentUrls,
  type ItemRun,
  logged,
  modelChoice,
  type Operation,
  outputField,
  outputItem,
  readFurtherField,
  readOutputField,
  storeFile,
  storePicture,
} from '../../common';
import { frameOptions, previewField, sheetField, zipField } from '../frame-options';
import { productProperties, readProduct } from '../product';
import { readKeys, readServices, serviceProperties } from '../services';
import { readVideo, videoSource } from '../video-source';

const MIME_TYPES: Record<string, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  webm: 'video/webm',
  zip: 'application/zip',
};

const output: INodeProperties = {
  displayName: 'Output',
  name: 'output',
  type: 'options',
  options: [
    { name: 'Frames', value: 'frames', description: 'An item for each frame, with its picture' },
    {
      name: 'One Item',
      value: 'oneItem',
      description: 'What is known of the video and of all frames; contact sheet, preview and ZIP on request',
    },
  ],
  default: 'frames',
  description: 'What comes out of a video',
};

/** The product of a video, centred in frames of one size. */
export const segment: Operation = {
  value: 'segment',
  name: 'Segment',
  action: 'Segment video',
  description: 'Cut a product out of every frame of a video, centred and of one size',
  properties: [
    ...videoSource,
    output,
    { ...outputField, displayOptions: { show: { output: ['frames'] } } },
    ...productProperties,
    modelChoice,
    ...serviceProperties,
  ],
  options: frameOptions,
  run: runSegmentation,
};

async function runSegmentation(run: ItemRun): Promise<INodeExecutionData | INodeExecutionData[]> {
  const { client, job: jobOptions } = run;
  const oneItem = run.value('output') === 'oneItem';
  const fields = oneItem ? readFields(run) : {};
  const field = oneItem ? undefined : readOutputField(run);
  const { source, stem, field: videoField } = await readVideo(run);
  const asked: Partial<SegmentParamsInput> = { ...readProduct(run), ...readServices(run) };
  const { secrets, supabaseUrl } = await readKeys(run, asked);
  const params = parse(segmentParams, {
    ...parametersOf(segmentParams, run.options),
    ...asked,
    supabase_url: supabaseUrl,
    model: String(run.value('model') || 'auto'),
    sheet: fields.sheet !== undefined,
    preview: fields.preview === undefined ? 'none' : (run.options.preview ?? 'webp'),
    zip: fields.zip !== undefined,
  });
  const onProgress = logged(run);
  const job = await client.run(
    'segment',
    { files: { video: source }, params, secrets },
    {
      ...jobOptions,
      onProgress,
    },
  );
  try {
    // The video itself would lie in every item otherwise.
    const others = withoutField(run, videoField);
    const facts = { ...factsOf(job.result), ...givenIds(asked) };
    const items =
      field === undefined
        ? [await wholeItem(others, job, facts, { stem, fields })]
        : await frameItems(others, job, facts, { stem, field });
    const { frame_count, model, device, metrics, warnings } = job.result;
    run.onDone(`${model} on ${device}, ${frame_count} frames in ${metrics.elapsed_ms} ms`, warnings);
    return items;
  } finally {
    await job.discard();
  }
}

type Fields = Partial<Record<'sheet' | 'preview' | 'zip', string>>;

/** The data fields of the one item that files were asked for in. */
function readFields(run: ItemRun): Fields {
  const sheet = readFurtherField(sheetField, run, []);
  const preview = readFurtherField(
    previewField,
    run,
    [sheet].filter((name) => name !== undefined),
  );
  const taken = [sheet, preview].filter((name) => name !== undefined);
  return { sheet, preview, zip: readFurtherField(zipField, run, taken) };
}

/** An item for each frame, in the order of the video; the frames come one after the other. */
async function frameItems(
  run: ItemRun,
  job: EngineJob<'segment'>,
  { frames, ...video }: Facts,
  { stem, field }: { stem: string; field: string },
): Promise<INodeExecutionData[]> {
  const { context, job: jobOptions } = run;
  const items: INodeExecutionData[] = [];
  for (const { artifact, ...frame } of frames) {
    const picture = await job.download(artifact);
    const name = `${stem}-${artifact}`;
    const files = {
      [field]: await storePicture(context, picture, name, job.result.format, jobOptions.signal),
    };
    const own = { frame: artifact, ...frame, is_primary: artifact === video.primary };
    items.push(outputItem(run, { ...own, ...video, ...agentUrls(run, files) }, files));
  }
  return items;
}

/** One item that tells of the video and of all frames. */
async function wholeItem(
  run: ItemRun,
  job: EngineJob<'segment'>,
  facts: Facts,
  { stem, fields }: { stem: string; fields: Fields },
): Promise<INodeExecutionData> {
  const { context, job: jobOptions } = run;
  const files: Record<string, IBinaryData> = {};
  for (const [artifact, field] of Object.entries(fields) as [SegmentArtifact, string | undefined][]) {
    const link = job.result.artifacts[artifact];
    if (field === undefined || link === undefined) continue;
    const extension = /\.(\w+)$/.exec(new URL(link).pathname)![1];
    const file = { name: `${stem}-${artifact}.${extension}`, mimeType: MIME_TYPES[extension] };
    files[field] = await storeFile(context, await job.download(artifact), file, jobOptions.signal);
  }
  return outputItem(run, { ...facts, ...agentUrls(run, files) } as IDataObject, files);
}

/** The links are of no use once the engine's files are discarded. */
function factsOf(result: SegmentResult) {
  const facts: Omit<SegmentResult, 'artifacts'> & { artifacts?: object } = { ...result };
  delete facts.artifacts;
  return { ...facts, metrics: { ...facts.metrics } };
}

type Facts = ReturnType<typeof factsOf>;

/** As they were given: a form, which a video is uploaded with, knows no numbers. */
function givenIds({ video_id, product_id }: Partial<SegmentParamsInput>) {
  return {
    video_id: (video_id ?? null) as Facts['video_id'],
    product_id: (product_id ?? null) as Facts['product_id'],
  };
}

function withoutField(run: ItemRun, field: string | undefined): ItemRun {
  const { binary, ...item } = run.item;
  if (!binary || field === undefined) return run;
  const others = Object.entries(binary).filter(([name]) => name !== field);
  return { ...run, item: { ...item, binary: Object.fromEntries(others) } };
}
