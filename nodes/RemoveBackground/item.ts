import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { VitrineError, type Progress, type RemoveResult } from '../../lib/contracts';
import type { EngineClient, JobSource } from '../../lib/engine/client';
import { signedUrls, stemOf, stemOfUrl, storePicture, uploadFromField } from '../common';
import { readSettings, type ItemSettings } from './parameters';

/** What the run of one item tells the rest of the node. */
export interface ItemEvents {
  onProgress(event: Progress): void;
  /**
   * Told once, when the pictures are here.
   * @param summary by what and how fast, such as `plain on cpu in 310 ms`
   * @param notes what the reader should know
   */
  onDone(summary: string, notes: readonly string[]): void;
}

/**
 * Sends one item's photo to the engine and builds its output item.
 * @throws VitrineError, NodeOperationError
 */
export async function runItem(
  context: IExecuteFunctions,
  client: EngineClient,
  itemIndex: number,
  signal: AbortSignal,
  events: ItemEvents,
): Promise<INodeExecutionData> {
  const item = context.getInputData()[itemIndex];
  const settings = readSettings(context, itemIndex);
  const taken = [settings.outputField, settings.maskField].find((field) => field && item.binary?.[field]);
  if (taken && settings.onExisting === 'skip') return { ...item, pairedItem: { item: itemIndex } };
  if (taken && settings.onExisting === 'stop') throw outputExists(taken);

  const { source, stem } = openSource(context, itemIndex, settings);
  const { params, timeoutSeconds } = settings;
  const job = await client.run(
    'remove',
    { files: { file: source }, params },
    { signal, timeoutSeconds, onProgress: events.onProgress },
  );
  try {
    const { result } = job;
    const files: Record<string, IBinaryData> = {};
    const output = await job.download('output');
    files[settings.outputField] = await storePicture(context, output, stem, result.format, signal);
    if (settings.maskField) {
      const mask = await job.download('mask');
      files[settings.maskField] = await storePicture(context, mask, `${stem}-mask`, 'png', signal);
    }
    const { model, device, metrics, warnings } = result;
    events.onDone(`${model} on ${device} in ${metrics.elapsed_ms} ms`, warnings);
    return outputItem(context, item, itemIndex, settings, result, files);
  } finally {
    await job.discard();
  }
}

function openSource(
  context: IExecuteFunctions,
  itemIndex: number,
  { input }: ItemSettings,
): { source: JobSource; stem: string } {
  if ('url' in input) return { source: input, stem: stemOfUrl(input.url) };
  const source = uploadFromField(context, itemIndex, input.field);
  return { source, stem: stemOf(source.fileName) };
}

function outputItem(
  context: IExecuteFunctions,
  item: INodeExecutionData,
  itemIndex: number,
  settings: ItemSettings,
  result: RemoveResult,
  files: Record<string, IBinaryData>,
): INodeExecutionData {
  const { mode, model, device, format, width, height, bbox, coverage, warnings, metrics } = result;
  const json: IDataObject = {
    ...(settings.includeInputFields ? item.json : {}),
    ...{ mode, model, device, format, width, height, bbox, coverage, warnings, metrics: { ...metrics } },
  };
  const pairedItem = { item: itemIndex };
  if (context.isToolExecution?.())
    return { json: { ...json, urls: signedUrls(context, itemIndex, files) }, pairedItem };
  return { json, binary: { ...item.binary, ...files }, pairedItem };
}

function outputExists(field: string): VitrineError {
  return new VitrineError({
    code: 'OUTPUT_EXISTS',
    message: `The item already has a file in the data field '${field}'`,
    hint: 'Choose another output field, or set If Output Field Exists to Overwrite or Skip Item.',
  });
}
