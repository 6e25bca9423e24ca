import type { INodeProperties } from 'n8n-workflow';
import { deviceOptions, quality } from '../common';

const IN_SUPABASE = { show: { '/source': ['supabase'] } };

const pipelines = (displayName: string, name: string, standard: string, what: string): INodeProperties => ({
  displayName,
  name,
  type: 'multiOptions',
  typeOptions: { loadOptionsMethod: 'getPipelines', loadOptionsDependsOn: ['engineLocation'] },
  default: [],
  description: `What varies ${what}; several are taken in turn. None: ${standard}. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.`,
});

/**
 * What an augmentation can be asked for. An option that has the name of a parameter in `augmentParams` (`includeUnsure`:
 * `include_unsure`) reaches the engine without further ado.
 */
export const augmentOptions: INodeProperties[] = [
  ...deviceOptions,
  quality,
  pipelines('Synthetic Pipeline Names or IDs', 'synPipeline', 'light and heavy', 'synthetic pictures'),
  pipelines('Real Pipeline Names or IDs', 'realPipeline', 'real', 'real pictures'),
  {
    displayName: 'Bucket',
    name: 'bucket',
    type: 'string',
    default: 'datasets',
    description: 'The bucket of Supabase Storage that the data set lies in',
    displayOptions: IN_SUPABASE,
  },
  {
    displayName: 'Distractors',
    name: 'distractors',
    type: 'boolean',
    default: true,
    description: 'Whether products of other UPCs may stand beside this one in synthetic pictures',
  },
  {
    displayName: 'Include Unsure Cutouts',
    name: 'includeUnsure',
    type: 'boolean',
    default: false,
    description: 'Whether to use cutouts too that a person should look at; the report names them either way',
  },
  {
    displayName: 'Labels',
    name: 'labels',
    type: 'options',
    options: [
      { name: 'Both', value: 'both', description: 'COCO and YOLO' },
      { name: 'COCO', value: 'coco', description: 'One JSON file with boxes and outlines' },
      { name: 'None', value: 'none', description: 'The folders alone say what the pictures show' },
      { name: 'YOLO', value: 'yolo', description: 'A text file with boxes for each picture' },
    ],
    default: 'none',
    description: 'What is written beside the data set for networks that find products in pictures',
  },
  {
    displayName: 'Longer Side',
    name: 'size',
    type: 'number',
    typeOptions: { minValue: 16, maxValue: 8192, numberPrecision: 0 },
    default: 1024,
    description: "Pixels of the longer side of new pictures (16 to 8192); not set: the source's",
  },
  {
    displayName: 'Masks',
    name: 'masks',
    type: 'boolean',
    default: false,
    description: 'Whether to write a mask of each new picture beside the data set as well',
  },
  {
    displayName: 'Occluders',
    name: 'occluders',
    type: 'boolean',
    default: true,
    description:
      'Whether something may hide a part of the product in synthetic pictures; how much is bounded',
  },
  {
    displayName: 'Output Format',
    name: 'format',
    type: 'options',
    options: [
      { name: 'JPEG', value: 'jpeg', description: 'Small' },
      { name: 'PNG', value: 'png', description: 'Lossless' },
      { name: 'WebP', value: 'webp', description: 'Smaller' },
    ],
    default: 'jpeg',
    description: 'The file format of new pictures',
  },
  {
    displayName: 'Prefix',
    name: 'prefix',
    type: 'string',
    default: '',
    placeholder: 'e.g. shop/shelf',
    description: "The data set's folders in the bucket, from its root; not set: the dataset ID",
    displayOptions: IN_SUPABASE,
  },
  {
    displayName: 'Seed',
    name: 'seed',
    type: 'number',
    typeOptions: { minValue: 0, numberPrecision: 0 },
    default: 0,
    description: 'A whole number; the same one gives the same pictures',
  },
  {
    displayName: 'Split',
    name: 'split',
    type: 'string',
    default: '',
    placeholder: 'e.g. 0.8, 0.1, 0.1',
    description:
      'Shares of training, validation and test; only originals for training are made more of, and copies stay together',
  },
  {
    displayName: 'Workers',
    name: 'workers',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 256, numberPrecision: 0 },
    default: 1,
    description: 'Pictures that are made at a time (1 to 256); not set: one for each core',
  },
];
