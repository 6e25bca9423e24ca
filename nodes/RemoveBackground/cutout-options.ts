import type { INodeProperties } from 'n8n-workflow';
import { deviceOptions, ifUnsure, maskField, onExisting, quality } from '../common';

/**
 * What every cutout can be asked for, whatever is made of it. An option that has the name of a parameter in
 * `removeParams` (`fillHoles`: `fill_holes`) reaches the engine without further ado.
 */
export const cutoutOptions: INodeProperties[] = [
  ...deviceOptions,
  ifUnsure,
  onExisting,
  quality,
  {
    displayName: 'Alpha Matting',
    name: 'alphaMatting',
    type: 'boolean',
    default: false,
    description:
      'Whether to find the soft edge anew from the colors of the photo: finer hair and fur, for some seconds more',
  },
  {
    displayName: 'Alpha Matting Background Threshold',
    name: 'alphaMattingBackgroundThreshold',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 255, numberPrecision: 0 },
    default: 10,
    description: 'With Alpha Matting: where the mask is below, it is certainly background (0 to 255)',
  },
  {
    displayName: 'Alpha Matting Erode Size',
    name: 'alphaMattingErodeSize',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 200, numberPrecision: 0 },
    default: 10,
    description:
      'With Alpha Matting: how far the certain product and background are shrunk, in pixels (0 to 200)',
  },
  {
    displayName: 'Alpha Matting Foreground Threshold',
    name: 'alphaMattingForegroundThreshold',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 255, numberPrecision: 0 },
    default: 240,
    description: 'With Alpha Matting: where the mask is above, it is certainly product (0 to 255)',
  },
  {
    displayName: 'Clean Mask',
    name: 'cleanMask',
    type: 'boolean',
    default: true,
    description:
      'Whether to take haze, specks and pinholes out of the mask of a network; soft edges stay as they are',
  },
  {
    displayName: 'Crop to Product',
    name: 'crop',
    type: 'boolean',
    default: false,
    description: 'Whether to cut away what lies around the product, leaving the Padding',
  },
  {
    displayName: 'Drop Islands (%)',
    name: 'dropIslands',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 2 },
    default: 0,
    description:
      'Pieces of the mask smaller than this percentage of its largest piece are dropped (0 to 100); 100 leaves the largest only',
  },
  {
    displayName: 'Feather',
    name: 'feather',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 1 },
    default: 0,
    description: 'Extra softness of the edge, in pixels of the photo (0 to 100)',
  },
  {
    displayName: 'Fill Holes (%)',
    name: 'fillHoles',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 2 },
    default: 0,
    description: "Holes up to this percentage of the product's area are filled (0 to 100)",
  },
  {
    displayName: 'Grow Mask',
    name: 'grow',
    type: 'number',
    typeOptions: { minValue: -50, maxValue: 50, numberPrecision: 1 },
    default: 0,
    description: 'Pixels of the photo that the mask grows by; below 0 it shrinks (-50 to 50)',
  },
  {
    displayName: 'Keep Metadata',
    name: 'keepMetadata',
    type: 'boolean',
    default: false,
    description:
      'Whether to keep EXIF and other metadata of the photo, the place where it was taken included',
  },
  {
    displayName: 'Output Format',
    name: 'format',
    type: 'options',
    options: [
      {
        name: 'Automatic',
        value: 'auto',
        description: 'What suits the operation: PNG for cutouts and masks',
      },
      { name: 'JPEG', value: 'jpeg', description: 'Small, but without transparency' },
      { name: 'PNG', value: 'png', description: 'Lossless, with transparency' },
      { name: 'WebP', value: 'webp', description: 'Small, with transparency' },
    ],
    default: 'auto',
    description: 'The file format of the picture',
  },
  {
    displayName: 'Padding (%)',
    name: 'padding',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 1 },
    default: 5,
    description:
      'Room around the product with Crop to Product or Square Size, in percent of its longer side (0 to 100)',
  },
  {
    displayName: 'Second Pass',
    name: 'secondPass',
    type: 'boolean',
    default: true,
    description:
      'Whether a network looks at the product once more, closer, in photos above 2000 pixels with room around it: a finer edge for twice the time. No effect where Auto takes a small network, such as the one of the package.',
  },
  {
    displayName: 'Smooth Mask',
    name: 'smooth',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 50, numberPrecision: 1 },
    default: 0,
    description:
      'Jags, hairs and slits of the mask that are narrower than about twice this go, in pixels of the photo (0 to 50)',
  },
];

/** What can be done to the product's look; a mask has none. */
export const lookOptions: INodeProperties[] = [
  {
    displayName: 'Denoise',
    name: 'denoise',
    type: 'boolean',
    default: false,
    description: 'Whether to remove camera noise from the product',
  },
  {
    displayName: 'Enhance Product',
    name: 'enhanceProduct',
    type: 'boolean',
    default: false,
    description: 'Whether to raise the local contrast of the product',
  },
  maskField,
];

/** A softened scene keeps its frame; anything else can be put on a square. */
export const squareSize: INodeProperties = {
  displayName: 'Square Size',
  name: 'size',
  type: 'number',
  typeOptions: { minValue: 16, maxValue: 8192, numberPrecision: 0 },
  default: 1024,
  description: 'Side of a square picture with the product in its middle, in pixels (16 to 8192)',
};
