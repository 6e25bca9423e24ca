import type { INodeProperties } from 'n8n-workflow';
import { deviceOptions, ifUnsure, maskField, onExisting, quality } from '../common';
import { generatorModel } from './generator';

/** Where before and after go. */
export const compareField: INodeProperties = {
  displayName: 'Put Before and After in Field',
  name: 'compareField',
  type: 'string',
  default: 'compare',
  placeholder: 'e.g. compare',
  description: 'The data field of the output item that photo and picture, side by side, are put in as well',
};

/** Where a mask comes from that makes the cut. */
export const maskInput: INodeProperties = {
  displayName: 'Use Mask in Field',
  name: 'maskInputField',
  type: 'string',
  default: 'mask',
  placeholder: 'e.g. mask',
  description:
    'The data field of the input item with a mask of the size of the photo, white or opaque where the product is; no model runs then',
};

/**
 * What a replacement can be asked for besides its backdrop. An option that has the name of a parameter in
 * `replaceParams` (`keepPosition`: `keep_position`) reaches the engine without further ado.
 */
export const replaceOptions: INodeProperties[] = [
  ...deviceOptions,
  compareField,
  generatorModel,
  ifUnsure,
  maskField,
  maskInput,
  onExisting,
  quality,
  {
    displayName: 'Draw Scene Around Product',
    name: 'drawAround',
    type: 'boolean',
    default: false,
    description:
      'Whether Stable Diffusion draws the scene around the product, in place of an empty one that the product is put over',
    displayOptions: { show: { '/backdrop': ['auto', 'sdxl'] } },
  },
  {
    displayName: 'Enhance Product',
    name: 'enhanceFg',
    type: 'boolean',
    default: true,
    description: 'Whether to raise the local contrast of the product, gently',
  },
  {
    displayName: 'Exact Product',
    name: 'exact',
    type: 'boolean',
    default: false,
    description:
      'Whether every opaque pixel of the product stays as it is in the photo, which hashes in the result prove; the picture is a PNG then',
  },
  {
    displayName: 'Feather Edges',
    name: 'featherEdges',
    type: 'boolean',
    default: true,
    description: 'Whether to soften hard edges by about a pixel',
  },
  {
    displayName: 'Guidance Scale',
    name: 'guidanceScale',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 20, numberPrecision: 1 },
    default: 7.5,
    description: 'How closely a generator keeps to the prompt (1 to 20)',
    displayOptions: { show: { '/backdrop': ['auto', 'sdxl'] } },
  },
  {
    displayName: 'Height',
    name: 'height',
    type: 'number',
    typeOptions: { minValue: 16, maxValue: 16384, numberPrecision: 0 },
    default: 2000,
    description: "Height of the picture in pixels (16 to 16384); not set: the photo's, or the marketplace's",
  },
  {
    displayName: 'Keep Position',
    name: 'keepPosition',
    type: 'boolean',
    default: false,
    description: 'Whether to leave the product where it is in its photo, at its size',
  },
  {
    displayName: 'Match Colors',
    name: 'matchColors',
    type: 'boolean',
    default: true,
    description: "Whether to lay a touch of the scene's light on the product",
  },
  {
    displayName: 'Output Format',
    name: 'format',
    type: 'options',
    options: [
      { name: 'Automatic', value: 'auto', description: "The photo's own, where it can be written" },
      { name: 'JPEG', value: 'jpeg', description: 'Small, and taken everywhere' },
      { name: 'PNG', value: 'png', description: 'Lossless' },
      { name: 'WebP', value: 'webp', description: 'Smallest' },
    ],
    default: 'auto',
    description: 'The file format of the picture',
  },
  {
    displayName: 'Seed',
    name: 'seed',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 4294967295, numberPrecision: 0 },
    default: 0,
    description: 'The same one draws the same scene (0 to 4294967295)',
  },
  {
    displayName: 'Steps',
    name: 'steps',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
    default: 20,
    description: 'Steps of a generator (1 to 100)',
    displayOptions: { show: { '/backdrop': ['auto', 'sdxl'] } },
  },
  {
    displayName: 'Tries',
    name: 'tries',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 8, numberPrecision: 0 },
    default: 3,
    description:
      "Scenes that Draw Scene Around Product draws, of which the one is taken that keeps the product's shape best (1 to 8)",
    displayOptions: { show: { '/backdrop': ['auto', 'sdxl'] } },
  },
  {
    displayName: 'Width',
    name: 'width',
    type: 'number',
    typeOptions: { minValue: 16, maxValue: 16384, numberPrecision: 0 },
    default: 2000,
    description: "Width of the picture in pixels (16 to 16384); not set: the photo's, or the marketplace's",
  },
];
