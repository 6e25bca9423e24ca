import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { invalid, isWebAddress, type RemoveMode, type RemoveParamsInput } from '../../lib/contracts';

/** What one item asks for: the engine's parameters, and what the node itself does with the files. */
export interface ItemSettings {
  params: RemoveParamsInput;
  input: { field: string | IBinaryData } | { url: string };
  outputField: string;
  /** Set when the mask is wanted as well. */
  maskField?: string;
  onExisting: 'overwrite' | 'skip' | 'stop';
  includeInputFields: boolean;
  timeoutSeconds: number;
}

/**
 * Reads the node's parameters for one item. Every switch is sent to the engine in so many words: the node's
 * defaults are its own.
 * @throws VitrineError INVALID_PARAMETER
 */
export function readSettings(context: IExecuteFunctions, itemIndex: number): ItemSettings {
  const value = (name: string) => context.getNodeParameter(name, itemIndex);
  const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
  const mode = readMode(context, itemIndex);
  const outputField = fieldName('Put Output File in Field', value('binaryPropertyOutput'));
  const maskField =
    mode !== 'mask' && options.maskField ? fieldName('Put Mask in Field', options.maskField) : undefined;
  if (maskField === outputField) {
    throw invalid('Put Mask in Field', 'another field than Put Output File in Field', maskField);
  }
  return {
    params: {
      mode,
      model: String(value('model') || 'auto'),
      device: (options.device ?? 'auto') as RemoveParamsInput['device'],
      strict_device: options.strictDevice ?? false,
      enhance_fg: options.enhanceProduct ?? false,
      denoise: options.denoise ?? false,
      ...alphaMatting(options),
      // The switch came first, and saved workflows have it.
      decontaminate:
        options.decontaminate === false ? 'off' : (options.decontaminationMethod ?? 'blur-fusion'),
      second_pass: options.secondPass ?? true,
      clean_mask: options.cleanMask ?? true,
      fill_holes: options.fillHoles ?? 0,
      drop_islands: options.dropIslands ?? 0,
      smooth: options.smooth ?? 0,
      grow: options.grow ?? 0,
      feather: options.feather ?? 0,
      ...(mode === 'color' ? { bgcolor: String(value('backgroundColor')) } : {}),
      crop: options.crop ?? false,
      padding: options.padding ?? 5,
      ...(options.size !== undefined ? { size: options.size } : {}),
      ...(options.format && options.format !== 'auto' ? { format: options.format } : {}),
      ...(options.quality !== undefined ? { quality: options.quality } : {}),
      keep_metadata: options.keepMetadata ?? false,
      mask: maskField !== undefined,
    },
    input: readInput(context, itemIndex),
    outputField,
    maskField,
    onExisting: (options.onExisting ?? 'overwrite') as ItemSettings['onExisting'],
    includeInputFields: options.includeInputFields === true,
    timeoutSeconds: readTimeout(options),
  };
}

function alphaMatting(options: IDataObject): Partial<RemoveParamsInput> {
  if (!options.alphaMatting) return { alpha_matting: false };
  return {
    alpha_matting: true,
    alpha_matting_foreground_threshold: options.alphaMattingForegroundThreshold ?? 240,
    alpha_matting_background_threshold: options.alphaMattingBackgroundThreshold ?? 10,
    alpha_matting_erode_size: options.alphaMattingErodeSize ?? 10,
  };
}

/** Seconds that one item may take. */
export function readTimeout(options: IDataObject): number {
  return wholeNumber('Timeout', options.timeout ?? 300, 1, 86_400);
}

/** Items that may be with the engine at once, 1..32; the first item's value counts for all. */
export function readItemsInParallel(context: IExecuteFunctions): number {
  const options = context.getNodeParameter('options', 0, {}) as IDataObject;
  return wholeNumber('Items in Parallel', options.itemsInParallel ?? 4, 1, 32);
}

function readMode(context: IExecuteFunctions, itemIndex: number): RemoveMode {
  const operation = context.getNodeParameter('operation', itemIndex) as string;
  if (operation === 'getMask') return 'mask';
  if (operation === 'softenBackground') return 'soften';
  return context.getNodeParameter('background', itemIndex, 'transparent') === 'color'
    ? 'color'
    : 'transparent';
}

function readInput(context: IExecuteFunctions, itemIndex: number): ItemSettings['input'] {
  if (context.getNodeParameter('inputSource', itemIndex) !== 'url') {
    const field = context.getNodeParameter('binaryPropertyName', itemIndex);
    const isFile = typeof field === 'object' && field !== null;
    return { field: isFile ? (field as IBinaryData) : fieldName('Input Data Field Name', field) };
  }
  const url = String(context.getNodeParameter('url', itemIndex) ?? '').trim();
  if (!isWebAddress(url)) {
    throw invalid('URL', 'an address that starts with http:// or https://', url);
  }
  return { url };
}

function fieldName(label: string, received: unknown): string {
  const name = typeof received === 'string' ? received.trim() : '';
  if (!name) throw invalid(label, 'the name of a data field, such as data', received);
  return name;
}

function wholeNumber(label: string, received: unknown, min: number, max: number): number {
  const number = Number(received);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw invalid(label, `a whole number from ${min} to ${max}`, received);
  }
  return number;
}
