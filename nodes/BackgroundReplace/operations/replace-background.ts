import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
  parametersOf,
  parse,
  replaceParams,
  type ReplaceArtifact,
  type ReplaceParamsInput,
  type ReplaceResult,
  type ReplacedPicture,
} from '../../../lib/contracts';
import {
  agentUrls,
  isToBeSkipped,
  type ItemRun,
  maskField,
  modelChoice,
  type Operation,
  outputField,
  outputItem,
  readFurtherField,
  readOutputField,
  readSecrets,
  readSource,
  storePicture,
  uploadFromField,
} from '../../common';
import { BACKDROP_SOURCE, backdropProperties } from '../backdrop';
import { callbackProperties, readCallback } from '../callback';
import { hasModels, keysFor } from '../generator';
import { photoSource, readPhoto } from '../photo-source';
import { compareField, maskInput, replaceOptions } from '../replace-options';

/** What an item says of its own picture; the names of files are of no use once the engine's are discarded. */
const PICTURE = [
  'preset',
  'engine',
  'seed',
  'generated',
  'width',
  'height',
  'placed',
  'scale',
  'color_shift',
  'transparent',
  'exact',
  'white',
  'fill',
] as const satisfies (keyof ReplacedPicture)[];

/** What it says of the photo and its cut. */
const PHOTO = [
  'format',
  'model',
  'device',
  'bbox',
  'coverage',
  'confidence',
  'unsure',
] as const satisfies (keyof ReplaceResult)[];

/** Products on other backdrops. */
export const replaceBackground: Operation = {
  value: 'replaceBackground',
  name: 'Replace Background',
  action: 'Replace background',
  description: 'Cut the product out and put it on another backdrop, or on several',
  properties: [...photoSource, ...backdropProperties, modelChoice, outputField, ...callbackProperties],
  options: replaceOptions,
  run: runReplacement,
};

/** Gives an output item for each picture, in the order of the presets. */
async function runReplacement(run: ItemRun): Promise<INodeExecutionData | INodeExecutionData[]> {
  const { context, client, item, index, options, job: jobOptions } = run;
  const field = readOutputField(run);
  const mask = readFurtherField(maskField, run, [field]);
  const compare = readFurtherField(compareField, run, mask === undefined ? [field] : [field, mask]);
  const fields = [field, mask, compare].filter((name) => name !== undefined);
  if (isToBeSkipped(run, fields)) return { ...item, pairedItem: { item: index } };

  const { source, stem } = await readPhoto(run);
  const files = {
    file: source,
    mask: options.maskInputField
      ? uploadFromField(context, index, maskInput.displayName, options.maskInputField)
      : undefined,
    backdrop: run.value('backdrop') === 'image' ? readSource(run, BACKDROP_SOURCE).source : undefined,
  };
  const asked = { ...readParams(run), mask_out: mask !== undefined, compare: compare !== undefined };
  const callback = readCallback(run);
  const keys = keysFor(run.value('backdrop')) ?? [];
  const secrets = await readSecrets(run, callback.callbackUrl ? [...keys, 'webhook_secret'] : keys);
  const request = { files, params: parse(replaceParams, asked), callback, secrets };
  const job = await client.run('replace', request, jobOptions);
  const { mediaId, projectId } = callback;
  const ids = { ...(mediaId !== undefined && { mediaId }), ...(projectId !== undefined && { projectId }) };
  try {
    const { result } = job;
    const store = async (artifact: ReplaceArtifact, name: string, format = result.format) =>
      storePicture(context, await job.download(artifact), name, format, jobOptions.signal);
    const shared: Record<string, IBinaryData> = mask
      ? { [mask]: await store('mask', `${stem}-mask`, 'png') }
      : {};
    const items: INodeExecutionData[] = [];
    for (const picture of result.pictures) {
      const name = result.pictures.length > 1 ? `${stem}-${picture.preset}` : stem;
      const made = { ...shared, [field]: await store(picture.artifact, name) };
      if (compare) made[compare] = await store(picture.compare!, `${name}-compare`);
      items.push(outputItem(run, { ...ids, ...describe(result, picture), ...agentUrls(run, made) }, made));
    }
    run.onDone(`${result.model} on ${result.device} in ${result.metrics.elapsed_ms} ms`, result.warnings);
    return items;
  } finally {
    // Whoever is called fetches the pictures from there.
    if (!callback.callbackUrl) await job.discard();
  }
}

function readParams({ value, options }: ItemRun): Partial<ReplaceParamsInput> {
  const engine = value('backdrop') as ReplaceParamsInput['engine'];
  // None is the engine's own choice for the preset of marketplaces.
  const marketplace = value('marketplace') === 'any' ? undefined : value('marketplace');
  // An expression in Backdrop shows the parameters of every kind.
  const kind = {
    ...(keysFor(engine) && {
      prompt: value('prompt'),
      negative_prompt: value('negativePrompt'),
    }),
    ...(engine === 'color' ? { bgcolor: value('backdropColor') } : { preset: value('preset'), marketplace }),
  };
  // Options that the editor hides are kept: a model belongs to the service that it was chosen for.
  const { generatorModel, ...others } = options;
  const model = hasModels(engine) ? generatorModel : undefined;
  return {
    ...parametersOf(replaceParams, { ...others, generatorModel: model }),
    ...(kind as Partial<ReplaceParamsInput>),
    engine,
    overrides: value('overrides'),
    model: String(value('model') || 'auto'),
    format: options.format === 'auto' ? undefined : (options.format as ReplaceParamsInput['format']),
  };
}

/** What an item says: of its own picture first, then of the photo and its cut. */
function describe(result: ReplaceResult, picture: ReplacedPicture): IDataObject {
  const own = PICTURE.filter((name) => picture[name] !== undefined).map((name) => [name, picture[name]]);
  const shared = PHOTO.map((name) => [name, result[name]]);
  // The result has the warnings of the photo first, then those of every picture.
  const others = result.pictures.reduce((count, { warnings }) => count + warnings.length, 0);
  const ofPhoto = result.warnings.slice(0, result.warnings.length - others);
  return {
    ...Object.fromEntries([...own, ...shared]),
    warnings: [...ofPhoto, ...picture.warnings],
    metrics: { ...result.metrics },
  };
}
