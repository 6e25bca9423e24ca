import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';
import {
  parametersOf,
  parse,
  removeParams,
  type RemoveParamsInput,
  type RemoveResult,
} from '../../lib/contracts';
import {
  agentUrls,
  inputSource,
  isToBeSkipped,
  type ItemRun,
  maskField,
  modelChoice,
  outputField,
  outputItem,
  readFurtherField,
  readOutputField,
  readSource,
  storePicture,
} from '../common';

/** What every cutout asks for. */
export const cutoutProperties = {
  input: inputSource('photo', 'https://example.com/photos/mug.jpg'),
  model: modelChoice,
  output: outputField,
};

/** What an item says of its cutout beside `metrics`; the links are of no use once the engine's files are discarded. */
const SHOWN = [
  'mode',
  'model',
  'device',
  'format',
  'width',
  'height',
  'bbox',
  'coverage',
  'confidence',
  'unsure',
  'warnings',
] as const satisfies (keyof RemoveResult)[];

/**
 * Has the engine cut one item's photo out, and builds the output item.
 * @param own the operation's own parameters, its mode among them
 * @throws VitrineError, NodeOperationError
 */
export async function runCutout(
  run: ItemRun,
  own: Pick<RemoveParamsInput, 'mode' | 'bgcolor' | 'decontaminate'>,
): Promise<INodeExecutionData> {
  const { context, client, item, index, job: jobOptions } = run;
  const field = readOutputField(run);
  const mask = own.mode === 'mask' ? undefined : readFurtherField(maskField, run, [field]);
  if (isToBeSkipped(run, [field, ...(mask ? [mask] : [])])) return { ...item, pairedItem: { item: index } };

  const { source, stem } = readSource(run);
  const params = parse(removeParams, { ...readParams(run), ...own, mask: mask !== undefined });
  const job = await client.run('remove', { files: { file: source }, params }, jobOptions);
  try {
    const { model, device, format, warnings, metrics } = job.result;
    const store = async (artifact: 'output' | 'mask', name: string, type = format) =>
      storePicture(context, await job.download(artifact), name, type, jobOptions.signal);
    const files: Record<string, IBinaryData> = { [field]: await store('output', stem) };
    if (mask) files[mask] = await store('mask', `${stem}-mask`, 'png');
    run.onDone(`${model} on ${device} in ${metrics.elapsed_ms} ms`, warnings);
    const result = Object.fromEntries(SHOWN.map((name) => [name, job.result[name]]));
    return outputItem(run, { ...result, metrics: { ...metrics }, ...agentUrls(run, files) }, files);
  } finally {
    await job.discard();
  }
}

function readParams({ value, options }: ItemRun): Partial<RemoveParamsInput> {
  return {
    ...parametersOf(removeParams, options),
    model: String(value('model') || 'auto'),
    // Off in the node, on in the API: the seed service's default.
    enhance_fg: options.enhanceProduct ?? false,
    format: options.format === 'auto' ? undefined : (options.format as RemoveParamsInput['format']),
  };
}
