import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { type AugmentParamsInput, invalid, type SecretName, type Secrets } from '../../lib/contracts';
import { engineFolder, type ItemRun, ownId, readServiceKeys, SERVICE_CREDENTIALS, text } from '../common';

export const PATH = { displayName: 'Dataset Path', name: 'datasetPath' };
export const ID = { displayName: 'Dataset ID', name: 'datasetId' };
export const UPC = { displayName: 'UPC Field Name', name: 'upcField' };
export const PICTURE = { displayName: 'Input Data Field Name', name: 'binaryPropertyName' };
export const ROLE = { displayName: 'Pictures Are', name: 'role' };
const IN_ITEMS = { show: { source: ['items'] } };
export const BACKGROUNDS = { displayName: 'Backgrounds Path', name: 'backgroundsPath' };

/** Where the data set is. */
export const source: INodeProperties = {
  displayName: 'Data Set',
  name: 'source',
  type: 'options',
  options: [
    {
      name: 'Folder',
      value: 'folder',
      description:
        "A folder on the engine's machine, with a folder for each UPC; new pictures are put into it",
    },
    {
      name: 'Input Items',
      value: 'items',
      description: 'The pictures of all input items, grouped by their UPC; new pictures come out as items',
    },
    {
      name: 'Supabase',
      value: 'supabase',
      description: 'Folders in a bucket of Supabase Storage; new pictures are uploaded there',
    },
  ],
  default: 'folder',
  description: 'Where the pictures are that more shall be made of',
};

/** Which one it is. An expression in Data Set shows them all, so none of them is required in the editor. */
export const dataSetProperties: INodeProperties[] = [
  source,
  {
    ...PATH,
    type: 'string',
    default: '',
    placeholder: 'e.g. /data/shelf',
    hint: 'Photos lie in /data/shelf/&lt;UPC&gt;/real, rendered pictures in /data/shelf/&lt;UPC&gt;/syn',
    description: "The folder on the engine's machine, which the engine must be allowed to use",
    displayOptions: { show: { source: ['folder'] } },
  },
  {
    ...ID,
    type: 'string',
    default: '',
    placeholder: 'e.g. 0d2f9c1e-7f6a-4c1b-9a44-1f0c6b1d2e3f',
    description: 'Your own ID of the data set; names its folder in the bucket',
    displayOptions: { show: { source: ['supabase'] } },
  },
];

/** What the pictures of input items are. */
export const itemProperties: INodeProperties[] = [
  {
    ...UPC,
    type: 'string',
    default: 'upc',
    placeholder: 'e.g. upc',
    hint: 'The name of the JSON field, such as upc or product.gtin',
    description: 'The JSON field of each input item that says which product its picture shows',
    displayOptions: IN_ITEMS,
  },
  {
    ...PICTURE,
    type: 'string',
    default: 'data',
    placeholder: 'e.g. data',
    hint: 'The name of the input field containing the picture',
    description: 'The data field of each input item that holds its picture',
    displayOptions: IN_ITEMS,
  },
  {
    ...ROLE,
    type: 'options',
    options: [
      {
        name: 'Background',
        value: 'background',
        description: 'A picture without a product; products are shown on it',
      },
      { name: 'Real Photo', value: 'real', description: 'A photo of the product' },
      {
        name: 'Synthetic Picture',
        value: 'syn',
        description: 'A rendered or composed picture of the product',
      },
    ],
    default: 'real',
    description: 'What the picture of each item is; an expression can say it item by item',
    displayOptions: IN_ITEMS,
  },
];

export const targetProperties: INodeProperties[] = [
  {
    displayName: 'Synthetic Pictures',
    name: 'synTarget',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100000, numberPrecision: 0 },
    default: 600,
    description:
      'How many synthetic pictures each UPC shall have, those that are there counted (0 to 100000)',
  },
  {
    displayName: 'Real Pictures',
    name: 'realTarget',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100000, numberPrecision: 0 },
    default: 400,
    description: 'How many real pictures each UPC shall have, those that are there counted (0 to 100000)',
  },
  {
    ...BACKGROUNDS,
    type: 'string',
    default: '',
    placeholder: 'e.g. /data/backgrounds',
    description:
      "A folder on the engine's machine with pictures that stand behind synthetic products; empty: backgrounds are drawn",
  },
];

export const jobId: INodeProperties = {
  displayName: 'Job ID',
  name: 'jobId',
  type: 'string',
  default: '',
  placeholder: 'e.g. job-123',
  description: 'With it the engine tells its CALLBACK_URL when the job begins, and how it ends',
};

/** Optional, because an engine may have keys of its own. */
export const serviceCredentials: INodeCredentialDescription[] = [
  {
    name: SERVICE_CREDENTIALS.supabase_key,
    required: false,
    displayOptions: { show: { source: ['supabase'] } },
  },
  {
    name: SERVICE_CREDENTIALS.webhook_secret,
    required: false,
    displayOptions: { hide: { jobId: [''] } },
  },
];

/**
 * What those parameters say to the engine; of a data set in items nothing. Where Data Set is an expression, both may be
 * there: the engine says then that it takes one.
 * @throws VitrineError INVALID_PARAMETER where the one is blank that Data Set asks for; FORBIDDEN where n8n does not let
 *   its nodes read that folder
 */
export async function readDataSet(run: ItemRun): Promise<Partial<AugmentParamsInput>> {
  const { value } = run;
  const from = value(source.name);
  const [path, id, backgrounds] = [PATH, ID, BACKGROUNDS].map(({ name }) => text(value(name)));
  if (from === 'folder' && path === undefined && id === undefined)
    throw invalid(PATH.displayName, "the path of a folder on the engine's machine", '');
  if (from === 'supabase' && id === undefined && path === undefined)
    throw invalid(ID.displayName, 'the ID of a data set in Supabase', '');
  return {
    ...(from !== 'items' && { dataset_id: id, dataset_path: path && (await engineFolder(run, path)) }),
    backgrounds_path: backgrounds && (await engineFolder(run, backgrounds)),
    syn_target: value('synTarget') as number,
    real_target: value('realTarget') as number,
    job_id: ownId(value(jobId.name)),
  };
}

/** The keys that this job has a use for, and the address of the project that the Supabase key belongs to. */
export function readKeys(
  run: ItemRun,
  { dataset_id, job_id }: Partial<AugmentParamsInput>,
): Promise<{ secrets: Secrets; supabaseUrl?: string }> {
  const names: SecretName[] = [];
  if (dataset_id !== undefined) names.push('supabase_key');
  if (job_id !== undefined) names.push('webhook_secret');
  return readServiceKeys(run, names);
}
