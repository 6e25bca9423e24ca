import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import {
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackParamsInput,
  type FrontAndBackResult,
  Secrets,
  fileSafeId,
  invalid,
  isWebAddress,
} from '../../lib/contracts';
import type { EngineClient } from '../../lib/engine/client';
import { signedUrls, storePicture } from '../common';
import type { ItemEvents } from './item';
import { readTimeout } from './parameters';

/** Name of the credential type with the key for clean-ups. */
const GEMINI_CREDENTIAL = 'vitrineGeminiApi';

/**
 * Sends one item's front and back to the engine and builds its output item: the seed service's JSON, and each picture
 * in a data field of its name.
 * @throws VitrineError, NodeOperationError
 */
export async function runDesign(
  context: IExecuteFunctions,
  client: EngineClient,
  itemIndex: number,
  signal: AbortSignal,
  events: ItemEvents,
): Promise<INodeExecutionData> {
  const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
  const params = readRequest(context, itemIndex, options);
  const secrets = params.prompt ? await readSecrets(context, itemIndex) : undefined;
  const job = await client.run(
    'front-and-back',
    { params, secrets },
    {
      signal,
      timeoutSeconds: readTimeout(options),
      onProgress: events.onProgress,
    },
  );
  let kept = false;
  try {
    const { result } = job;
    const files: Record<string, IBinaryData> = {};
    for (const output of FRONT_AND_BACK_OUTPUTS.filter((each) => result[each] !== null)) {
      const stem = `design_${fileSafeId(result.id)}_${output}`;
      files[output] = await storePicture(context, await job.download(output), stem, 'png', signal);
    }
    kept = options.keepOnEngine === true;
    tell(events, result);
    const json: IDataObject = {
      ...(options.includeInputFields ? context.getInputData()[itemIndex].json : {}),
      ...(result as unknown as IDataObject),
      ...(kept ? {} : links(context, itemIndex, files)),
    };
    const pairedItem = { item: itemIndex };
    if (context.isToolExecution?.()) return { json, pairedItem };
    return { json, binary: { ...context.getInputData()[itemIndex].binary, ...files }, pairedItem };
  } finally {
    if (!kept) await job.discard();
  }
}

function readRequest(
  context: IExecuteFunctions,
  itemIndex: number,
  options: IDataObject,
): FrontAndBackParamsInput {
  const value = (name: string) => context.getNodeParameter(name, itemIndex);
  const front = webAddress('Front URL', value('frontUrl'));
  const back = value('backUrl') ? webAddress('Back URL', value('backUrl')) : undefined;
  const prompt = value('cleanUp') === true ? String(value('cleanUpPrompt') ?? '').trim() : '';
  if (value('cleanUp') === true && !prompt)
    throw invalid('Prompt', 'a text that says what Gemini is to change', prompt);
  const id = value('designId') ?? '';
  return {
    id: typeof id === 'number' ? id : String(id).trim() || `${context.getExecutionId()}-${itemIndex + 1}`,
    output: { front, back },
    rmbg_model: String(value('rmbgModel') || 'rmbg-2.0'),
    birefnet_model: String(value('birefnetModel') || 'birefnet'),
    device: (options.device ?? 'auto') as FrontAndBackParamsInput['device'],
    strict_device: options.strictDevice ?? false,
    ...(prompt && { prompt }),
    ...(prompt && options.geminiModel ? { gemini_model: String(options.geminiModel) } : {}),
  };
}

function webAddress(label: string, received: unknown): string {
  const url = String(received ?? '').trim();
  if (isWebAddress(url)) return url;
  throw invalid(label, 'an address that starts with http:// or https://', url);
}

/** The credential is optional: without one the engine's own key is used. */
async function readSecrets(context: IExecuteFunctions, itemIndex: number): Promise<Secrets> {
  if (!context.getNode().credentials?.[GEMINI_CREDENTIAL]) return new Secrets();
  const { apiKey } = await context.getCredentials(GEMINI_CREDENTIAL, itemIndex);
  return new Secrets({ gemini_api_key: String(apiKey) });
}

function tell(
  events: ItemEvents,
  { models, errors, warnings, processing_time_seconds }: FrontAndBackResult,
): void {
  const ran = [...new Set(Object.values(models).map(({ model, device }) => `${model} on ${device}`))];
  const failed = Object.entries(errors).map(
    ([output, { message, hint }]) => `${output}: ${message}. ${hint}`,
  );
  events.onDone(`${ran.join(' and ')} in ${processing_time_seconds} s`, [...warnings, ...failed]);
}

/**
 * Links to n8n's own store, valid for a day, in place of the engine's, whose files are deleted now. Where n8n keeps
 * files in its items there are none: the names of the files stand for them, unless an AI agent needs the links.
 */
function links(
  context: IExecuteFunctions,
  itemIndex: number,
  files: Record<string, IBinaryData>,
): IDataObject {
  const stored = Object.values(files).every(({ id }) => id);
  if (stored || context.isToolExecution?.()) return signedUrls(context, itemIndex, files);
  return Object.fromEntries(Object.entries(files).map(([output, { fileName }]) => [output, fileName]));
}
