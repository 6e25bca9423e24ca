import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
  type AugmentParamsInput,
  augmentParams,
  type AugmentResult,
  invalid,
  parametersOf,
  parse,
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
  readOutputField,
  stemOf,
  storeFile,
  storePicture,
} from '../../common';
import { augmentOptions } from '../augment-options';
import {
  dataSetProperties,
  itemProperties,
  jobId,
  PICTURE,
  readDataSet,
  readKeys,
  source,
  targetProperties,
} from '../data-set';
import { type ItemPictures, readItems } from '../items';

/** A data set topped up, and a report of it. */
export const augment: Operation = {
  value: 'augment',
  name: 'Augment',
  action: 'Augment data set',
  description: 'Top a product data set up with training pictures made of its own',
  properties: [
    ...dataSetProperties,
    ...itemProperties,
    ...targetProperties,
    modelChoice,
    {
      ...outputField,
      hint: 'The name of the output field to put the report in, and new pictures of Input Items',
      description:
        'The data field that the report, an HTML page, is put in; of Input Items each new picture too',
    },
    jobId,
  ],
  options: augmentOptions,
  run: runAugmentation,
};

async function runAugmentation(run: ItemRun): Promise<INodeExecutionData | INodeExecutionData[]> {
  const { client, context, index } = run;
  if (run.value(source.name) !== 'items') return await runOne(run);
  // All items are one data set: the first one stands for it.
  if (index > 0) {
    if (context.getNodeParameter(source.name, 0) === 'items') return [];
    throw invalid(source.displayName, 'the same for all items with Input Items', 'items');
  }
  const field = readOutputField(run);
  const pictures = readItems(run);
  const { params, secrets } = await readRequest(run);
  const options = { ...run.job, onProgress: logged(run) };
  const job = await client.run('augment', { params, secrets, many: pictures.many }, options);
  try {
    const summary = await summaryItem(run, job, 'data-set', field);
    const items = await pictureItems(run, job, pictures, field);
    tellDone(run, job.result);
    return [{ ...summary, pairedItem: context.getInputData().map((_, item) => ({ item })) }, ...items];
  } finally {
    await job.discard();
  }
}

/** The data set that one item names, in a folder or in Supabase. */
async function runOne(run: ItemRun): Promise<INodeExecutionData> {
  const field = readOutputField(run);
  const { params, secrets } = await readRequest(run);
  const options = { ...run.job, onProgress: logged(run) };
  const job = await run.client.run('augment', { params, secrets }, options);
  try {
    const name = String(params.dataset_id ?? params.dataset_path ?? '');
    const item = await summaryItem(run, job, stemOf(name), field);
    tellDone(run, job.result);
    return item;
  } finally {
    await job.discard();
  }
}

async function readRequest(run: ItemRun) {
  const asked = await readDataSet(run);
  const { secrets, supabaseUrl } = await readKeys(run, asked);
  const { synPipeline, realPipeline, ...options } = run.options;
  const params: AugmentParamsInput = parse(augmentParams, {
    ...parametersOf(augmentParams, { ...options, ...ifAny({ synPipeline, realPipeline }) }),
    ...asked,
    supabase_url: supabaseUrl,
    model: String(run.value('model') || 'auto'),
    report: true,
  });
  return { params, secrets };
}

/** Lists in which nothing was chosen say nothing. */
function ifAny(lists: Record<string, unknown>): Record<string, unknown> {
  const said = (list: unknown) => list !== undefined && !(Array.isArray(list) && !list.length);
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => said(list)));
}

/** What became of the data set, with the report. */
async function summaryItem(
  run: ItemRun,
  job: EngineJob<'augment'>,
  name: string,
  field: string,
): Promise<INodeExecutionData> {
  const { context, job: jobOptions } = run;
  const file = { name: `${stemOf(name)}-report.html`, mimeType: 'text/html' };
  const report = await storeFile(context, await job.download('report'), file, jobOptions.signal);
  const files = { [field]: report };
  const json = { ...factsOf(job.result), ...agentUrls(run, files) };
  return outputItem(run, json as unknown as IDataObject, files);
}

/** An item for each new picture, paired with the one that it was made of; the pictures come one after the other. */
async function pictureItems(
  run: ItemRun,
  job: EngineJob<'augment'>,
  { items }: ItemPictures,
  field: string,
): Promise<INodeExecutionData[]> {
  const { context, job: jobOptions } = run;
  const inputs = context.getInputData();
  const { format } = augmentParams.parse(parametersOf(augmentParams, run.options));
  const made: INodeExecutionData[] = [];
  for (const { artifact, sent, ...facts } of job.result.pictures ?? []) {
    const index = items[sent];
    const picture = await job.download(artifact);
    const stem = `${facts.upc}-${facts.target}-${stemOf(facts.file)}`;
    const files = { [field]: await storePicture(context, picture, stem, format, jobOptions.signal) };
    const { binary = {}, ...item } = inputs[index];
    const own = String(context.getNodeParameter(PICTURE.name, index, '')).trim();
    // The picture that it was made of would lie in every item otherwise.
    const others = Object.fromEntries(Object.entries(binary).filter(([name]) => name !== own));
    const place: ItemRun = { ...run, index, item: { ...item, binary: others } };
    const json = { item: 'picture', ...facts, ...agentUrls(place, files) };
    made.push(outputItem(place, json as unknown as IDataObject, files));
  }
  return made;
}

/** The seed's JSON, and what else is told; links are of no use once the engine's files are discarded. */
function factsOf(result: AugmentResult): object {
  const kind = result.pictures ? { item: 'summary' } : {};
  const facts: Partial<AugmentResult> = { ...result };
  delete facts.artifacts;
  delete facts.pictures;
  return { ...kind, ...facts };
}

function tellDone({ onDone }: ItemRun, result: AugmentResult): void {
  const { syn_produced, real_produced, workers, metrics } = result;
  const made = `${syn_produced + real_produced} pictures in ${metrics.elapsed_ms} ms`;
  onDone(`${workers} workers, ${made}`, notesOf(result));
}

/** What a reader of the node's output should know. */
function notesOf({ warnings, changes, report: { totals } }: AugmentResult): string[] {
  const missing = totals.syn.missing + totals.real.missing;
  return [
    ...warnings,
    ...changes,
    ...(missing ? [`${missing} pictures are missing; the report says why.`] : []),
    ...(totals.skipped ? [`${totals.skipped} pictures cannot be read and were left out.`] : []),
    ...(totals.unsure ? [`Look at ${totals.unsure} cutouts: they are unsure.`] : []),
  ];
}
