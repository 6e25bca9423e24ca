import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { wholeNumber } from './read';

/** What the item loop does where the user says nothing. */
export interface LoopDefaults {
  itemsInParallel: number;
  /** Seconds for one item. */
  timeout: number;
}

/** For photos. */
export const PHOTO_LOOP: LoopDefaults = { itemsInParallel: 4, timeout: 300 };

/** Options of the item loop, which every operation has. */
export function loopOptions({ itemsInParallel, timeout }: LoopDefaults): INodeProperties[] {
  return [
    {
      displayName: 'Include Input Fields',
      name: 'includeInputFields',
      type: 'boolean',
      default: false,
      description:
        'Whether to keep the JSON fields of the input item, such as a SKU, beside those of the result',
    },
    {
      displayName: 'Items in Parallel',
      name: 'itemsInParallel',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 32, numberPrecision: 0 },
      default: itemsInParallel,
      description:
        'How many items are with the engine at the same time (1 to 32); the value of the first item is used',
    },
    {
      displayName: 'Timeout',
      name: 'timeout',
      type: 'number',
      typeOptions: { minValue: 1, numberPrecision: 0 },
      default: timeout,
      description: 'Seconds that one item may take, waiting for its turn included',
    },
  ];
}

/** What an operation that runs networks lets the user choose; parameters `device` and `strict_device` of its job. */
export const deviceOptions: INodeProperties[] = [
  {
    displayName: 'Device',
    name: 'device',
    type: 'options',
    options: [
      { name: 'Auto', value: 'auto', description: 'The fastest device that the engine has' },
      { name: 'CoreML', value: 'coreml', description: 'Apple hardware' },
      { name: 'CPU', value: 'cpu', description: 'The processor; works everywhere' },
      {
        name: 'CUDA',
        value: 'cuda',
        description: 'An NVIDIA graphics card; the command "vitrine gpu install" brings what it needs',
      },
      { name: 'DirectML', value: 'dml', description: 'A graphics card under Windows' },
      { name: 'WebGPU', value: 'webgpu', description: 'A graphics card through WebGPU' },
    ],
    default: 'auto',
    description: 'What the model runs on',
  },
  {
    displayName: 'Strict Device',
    name: 'strictDevice',
    type: 'boolean',
    default: false,
    description:
      'Whether to let the item fail, rather than use another device, when the chosen one is missing',
  },
];

/** What becomes of doubtful cutouts; parameter `if_unsure` of jobs that cut out. */
export const ifUnsure: INodeProperties = {
  displayName: 'If Unsure',
  name: 'ifUnsure',
  type: 'options',
  options: [
    {
      name: 'Fail',
      value: 'fail',
      description: 'Fail the item, so that the error output can send its photo to a person',
    },
    {
      name: 'Use Anyway',
      value: 'use',
      description: 'Hand the cutout out with a warning and unsure: true in its result',
    },
  ],
  default: 'use',
  description: 'What becomes of a cutout that a person should look at',
};

/** Parameter `quality` of jobs that make pictures. */
export const quality: INodeProperties = {
  displayName: 'Quality',
  name: 'quality',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
  default: 90,
  description: 'Quality of a JPEG or WebP picture (1 to 100)',
};

/** Options as they are set for an item. */
export function readOptions(context: IExecuteFunctions, index: number): IDataObject {
  return context.getNodeParameter('options', index, {}) as IDataObject;
}

/** Items that may be with the engine at once, 1..32; the first item's value counts for all. */
export function readItemsInParallel(context: IExecuteFunctions, usual: LoopDefaults): number {
  const given = readOptions(context, 0).itemsInParallel ?? usual.itemsInParallel;
  return wholeNumber('Items in Parallel', given, 1, 32);
}

/** Seconds that one item may take. */
export function readTimeout(options: IDataObject, usual: LoopDefaults): number {
  return wholeNumber('Timeout', options.timeout ?? usual.timeout, 1, 86_400);
}
