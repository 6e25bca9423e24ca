import type {
  IBinaryData,
  IDataObject,
  INodeCredentialDescription,
  INodeExecutionData,
  INodeProperties,
} from 'n8n-workflow';
import {
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackParams,
  type FrontAndBackResult,
  fileSafeId,
  frontAndBackParams,
  invalid,
  parametersOf,
  parse,
} from '../../../lib/contracts';
import {
  deviceOptions,
  isForAgent,
  type ItemRun,
  modelChoice,
  type Operation,
  outputItem,
  readSecrets,
  SERVICE_CREDENTIALS,
  signedUrls,
  storePicture,
  webAddress,
} from '../../common';

const properties: INodeProperties[] = [
  {
    displayName: 'Front URL',
    name: 'frontUrl',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://example.com/front.png',
    description: 'The public address of the picture of the front; the engine downloads it',
  },
  {
    displayName: 'Back URL',
    name: 'backUrl',
    type: 'string',
    default: '',
    placeholder: 'e.g. https://example.com/back.png',
    description: 'The public address of the picture of the back, where there is one',
  },
  {
    displayName: 'Design ID',
    name: 'designId',
    type: 'string',
    default: '',
    placeholder: 'e.g. 123',
    description:
      'What the result and the file names are known by. Empty: the number of the execution and of the item.',
  },
  {
    ...modelChoice,
    displayName: 'RMBG Model Name or ID',
    name: 'rmbgModel',
    default: 'rmbg-2.0',
    description:
      'The network that makes front_rmbg and back_rmbg. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
  },
  {
    ...modelChoice,
    displayName: 'BiRefNet Model Name or ID',
    name: 'birefnetModel',
    default: 'birefnet',
    description:
      'The network that makes front_birefnet and back_birefnet. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
  },
  {
    displayName: 'Clean Up with Gemini First',
    name: 'cleanUp',
    type: 'boolean',
    default: false,
    description:
      'Whether to have Gemini change each picture before it is cut out. The pictures are sent to Google, on your key.',
  },
  {
    displayName: 'Prompt',
    name: 'cleanUpPrompt',
    type: 'string',
    typeOptions: { rows: 3 },
    default: '',
    required: true,
    placeholder: 'e.g. Take the price tag off; change nothing else.',
    description: 'What Gemini is to change in each picture',
    displayOptions: { show: { cleanUp: [true] } },
  },
];

const options: INodeProperties[] = [
  ...deviceOptions,
  {
    displayName: 'Gemini Model',
    name: 'geminiModel',
    type: 'string',
    default: '',
    placeholder: 'e.g. gemini-3.1-flash-image',
    description: 'ID of the Gemini model that cleans up. Empty: the one that the engine is set to.',
  },
  {
    displayName: 'Keep Files on Engine',
    name: 'keepOnEngine',
    type: 'boolean',
    default: false,
    description:
      'Whether to leave the pictures on the engine and put its links into the result, for as long as it keeps files',
  },
];

/** A product's front and back, each cut out by two networks. */
export const frontAndBack: Operation = {
  value: 'processFrontAndBack',
  name: 'Process Front and Back',
  action: 'Process front and back',
  description: 'Cut out the front and the back of a product by URL, each with RMBG 2.0 and with BiRefNet',
  properties,
  options,
  run: runFrontAndBack,
};

/** The key for clean-ups; optional, because an engine may have one of its own. */
export const geminiCredential: INodeCredentialDescription = {
  name: SERVICE_CREDENTIALS.gemini_api_key,
  required: false,
  displayOptions: { show: { operation: [frontAndBack.value], cleanUp: [true] } },
};

/** Gives the seed service's JSON, and each picture in a data field of its name. */
async function runFrontAndBack(run: ItemRun): Promise<INodeExecutionData> {
  const { context, client, job: jobOptions } = run;
  const params = readParams(run);
  const secrets = params.prompt ? await readSecrets(run, ['gemini_api_key']) : undefined;
  const job = await client.run('front-and-back', { params, secrets }, jobOptions);
  let kept = false;
  try {
    const { result } = job;
    const files: Record<string, IBinaryData> = {};
    for (const output of FRONT_AND_BACK_OUTPUTS.filter((each) => result[each] !== null)) {
      const stem = `design_${fileSafeId(result.id)}_${output}`;
      const picture = await job.download(output);
      files[output] = await storePicture(context, picture, stem, 'png', jobOptions.signal);
    }
    kept = run.options.keepOnEngine === true;
    report(run, result);
    return outputItem(run, { ...result, ...(kept ? {} : links(run, files)) } as IDataObject, files);
  } finally {
    if (!kept) await job.discard();
  }
}

function readParams({ context, index, value, options }: ItemRun): FrontAndBackParams {
  const front = webAddress('Front URL', value('frontUrl'));
  const back = value('backUrl') ? webAddress('Back URL', value('backUrl')) : undefined;
  const cleanUp = value('cleanUp') === true;
  const prompt = cleanUp ? String(value('cleanUpPrompt') ?? '').trim() : undefined;
  if (prompt === '') throw invalid('Prompt', 'a text that says what Gemini is to change', prompt);
  const id = value('designId') ?? '';
  return parse(frontAndBackParams, {
    ...parametersOf(frontAndBackParams, {
      ...options,
      rmbgModel: value('rmbgModel') || undefined,
      birefnetModel: value('birefnetModel') || undefined,
      geminiModel: cleanUp ? options.geminiModel : undefined,
    }),
    id: typeof id === 'number' ? id : String(id).trim() || `${context.getExecutionId()}-${index + 1}`,
    output: { front, back },
    prompt,
  });
}

function report(
  { onDone }: ItemRun,
  { models, errors, warnings, processing_time_seconds }: FrontAndBackResult,
): void {
  const ran = [...new Set(Object.values(models).map(({ model, device }) => `${model} on ${device}`))];
  const failed = Object.entries(errors).map(
    ([output, { message, hint }]) => `${output}: ${message}. ${hint}`,
  );
  onDone(`${ran.join(' and ')} in ${processing_time_seconds} s`, [...warnings, ...failed]);
}

/**
 * Links to n8n's own store, valid for a day, in place of the engine's, whose files are deleted now. Where n8n keeps
 * files in its items there are none: the names of the files stand for them, unless an AI agent needs the links.
 */
function links({ context, index }: ItemRun, files: Record<string, IBinaryData>): IDataObject {
  const stored = Object.values(files).every(({ id }) => id);
  if (stored || isForAgent(context)) return signedUrls(context, index, files);
  return Object.fromEntries(Object.entries(files).map(([output, { fileName }]) => [output, fileName]));
}
