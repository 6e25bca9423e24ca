import type { IBinaryData, IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { VitrineError, invalid } from '../../lib/contracts';
import { isForAgent, signedUrls } from './files';
import type { ItemRun } from './operation';
import { fieldName } from './read';

/** The field for the file that is made; read by {@link readOutputField}. */
export const outputField: INodeProperties = {
  displayName: 'Put Output File in Field',
  name: 'binaryPropertyOutput',
  type: 'string',
  default: 'data',
  required: true,
  placeholder: 'e.g. data',
  hint: 'The name of the output field to put the picture in',
  description: 'The data field of the output item that the picture is put in',
};

/** Where the mask goes as well; read by {@link readFurtherField}. */
export const maskField: INodeProperties = {
  displayName: 'Put Mask in Field',
  name: 'maskField',
  type: 'string',
  default: 'mask',
  placeholder: 'e.g. mask',
  description: 'The data field of the output item that the mask is put in as well',
};

/** What becomes of files in the output fields; heeded by {@link isToBeSkipped}. */
export const onExisting: INodeProperties = {
  displayName: 'If Output Field Exists',
  name: 'onExisting',
  type: 'options',
  options: [
    { name: 'Overwrite', value: 'overwrite', description: 'Put the new file in its place' },
    { name: 'Skip Item', value: 'skip', description: 'Pass the item on as it came, without any work' },
    { name: 'Stop with an Error', value: 'stop', description: 'Let the item fail' },
  ],
  default: 'overwrite',
  description:
    'What to do when the input item already has a file in one of the output fields. An input field of the same name counts too.',
};

/** @throws VitrineError INVALID_PARAMETER */
export function readOutputField({ value }: ItemRun): string {
  return fieldName('Put Output File in Field', value('binaryPropertyOutput'));
}

/**
 * The field that an option names for a further file; none where it is not set.
 * @throws VitrineError INVALID_PARAMETER for a field that is taken
 */
export function readFurtherField(
  { displayName, name }: INodeProperties,
  { options }: ItemRun,
  taken: readonly string[],
): string | undefined {
  if (!options[name]) return undefined;
  const field = fieldName(displayName, options[name]);
  if (!taken.includes(field)) return field;
  throw invalid(displayName, 'another field than those of the other files', field);
}

/**
 * Whether the item is to pass as it came, because it has a file in one of the output fields.
 * @throws VitrineError OUTPUT_EXISTS where it is to fail instead
 */
export function isToBeSkipped({ item, options }: ItemRun, fields: readonly string[]): boolean {
  const taken = fields.find((field) => item.binary?.[field]);
  if (taken === undefined) return false;
  if (options.onExisting === 'stop') throw outputExists(taken);
  return options.onExisting === 'skip';
}

/** The output item: the result, and the item's files with the new ones. */
export function outputItem(
  { context, item, index, options }: ItemRun,
  result: IDataObject,
  files: Record<string, IBinaryData>,
): INodeExecutionData {
  const json = { ...(options.includeInputFields === true ? item.json : {}), ...result };
  const pairedItem = { item: index };
  // Files cannot cross to an AI agent: the result has links for it.
  if (isForAgent(context)) return { json, pairedItem };
  return { json, binary: { ...item.binary, ...files }, pairedItem };
}

/** Links to n8n's own store, for an AI agent only. */
export function agentUrls({ context, index }: ItemRun, files: Record<string, IBinaryData>): IDataObject {
  return isForAgent(context) ? { urls: signedUrls(context, index, files) } : {};
}

function outputExists(field: string): VitrineError {
  return new VitrineError({
    code: 'OUTPUT_EXISTS',
    message: `The item already has a file in the data field '${field}'`,
    hint: 'Choose another output field, or set If Output Field Exists to Overwrite or Skip Item.',
  });
}
