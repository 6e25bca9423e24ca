import type { INodeProperties } from 'n8n-workflow';
import { deviceOptions, quality } from '../common';

const ONE_ITEM = { show: { '/output': ['oneItem'] } };

/** Where further files of the one item go, and so whether they are made. */
export const sheetField: INodeProperties = {
  displayName: 'Put Contact Sheet in Field',
  name: 'sheetField',
  type: 'string',
  default: 'sheet',
  placeholder: 'e.g. sheet',
  description: 'The data field of the output item that a picture with all frames is put in',
  displayOptions: ONE_ITEM,
};

export const previewField: INodeProperties = {
  displayName: 'Put Preview in Field',
  name: 'previewField',
  type: 'string',
  default: 'preview',
  placeholder: 'e.g. preview',
  description: 'The data field of the output item that a moving picture of the frames is put in',
  displayOptions: ONE_ITEM,
};

export const zipField: INodeProperties = {
  displayName: 'Put ZIP in Field',
  name: 'zipField',
  type: 'string',
  default: 'zip',
  placeholder: 'e.g. zip',
  description: 'The data field of the output item that a ZIP file with all frames is put in',
  displayOptions: ONE_ITEM,
};

/**
 * What frames can be asked for. An option that has the name of a parameter in `segmentParams` (`dropBlurred`:
 * `drop_blurred`) reaches the engine without further ado.
 */
export const frameOptions: INodeProperties[] = [
  ...deviceOptions,
  quality,
  sheetField,
  previewField,
  zipField,
  {
    displayName: 'Bucket',
    name: 'bucket',
    type: 'string',
    default: 'frames',
    description: 'The public bucket of Supabase Storage that frames are delivered to',
    displayOptions: { hide: { '/supabase': ['off'] } },
  },
  {
    displayName: 'Drop Blurred Frames',
    name: 'dropBlurred',
    type: 'boolean',
    default: false,
    description: 'Whether to leave out frames that are far from sharp',
  },
  {
    displayName: 'Drop Duplicates',
    name: 'dropDuplicates',
    type: 'boolean',
    default: false,
    description: 'Whether to leave out frames that show what the one before shows',
  },
  {
    displayName: 'Drop Empty Frames',
    name: 'dropEmpty',
    type: 'boolean',
    default: true,
    description: 'Whether to leave out frames that do not show the product',
  },
  {
    displayName: 'Every Nth Frame',
    name: 'stride',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 100000, numberPrecision: 0 },
    default: 1,
    description: 'Every how manieth frame of the video is taken (1 to 100000)',
  },
  {
    displayName: 'Frame Size',
    name: 'size',
    type: 'number',
    typeOptions: { minValue: 16, maxValue: 4096, numberPrecision: 0 },
    default: 518,
    description: 'Side of the square frames in pixels (16 to 4096); 518 suits DINOv2',
  },
  {
    displayName: 'Frames per Second',
    name: 'fps',
    type: 'number',
    typeOptions: { minValue: 0.01, maxValue: 1000, numberPrecision: 2 },
    default: 5,
    description: 'How many frames of a second are taken (0.01 to 1000); not set: all',
  },
  {
    displayName: 'Max Frames',
    name: 'maxFrames',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 5000, numberPrecision: 0 },
    default: 500,
    description: 'Frames at most (1 to 5000); more are thinned out evenly',
  },
  {
    displayName: 'Output Format',
    name: 'format',
    type: 'options',
    options: [
      { name: 'JPEG', value: 'jpeg', description: 'Small, but without transparency' },
      { name: 'PNG', value: 'png', description: 'Lossless, with transparency' },
      { name: 'WebP', value: 'webp', description: 'Small, with transparency' },
    ],
    default: 'png',
    description: 'The file format of the frames',
  },
  {
    displayName: 'Padding (%)',
    name: 'padding',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 1 },
    default: 5,
    description: "Free room on each side, in percent of the product's longer side (0 to 100)",
  },
  {
    displayName: 'Preview Format',
    name: 'preview',
    type: 'options',
    options: [
      { name: 'GIF', value: 'gif', description: 'Plays everywhere; hard edges' },
      { name: 'WebM', value: 'webm', description: 'Smallest; needs ffmpeg on the engine' },
      { name: 'WebP', value: 'webp', description: 'Soft edges, plays in browsers' },
    ],
    default: 'webp',
    description: 'What kind of moving picture Put Preview in Field makes',
    displayOptions: ONE_ITEM,
  },
  {
    displayName: 'Product Row (JSON)',
    name: 'row',
    type: 'json',
    default: '{}',
    description:
      'Names of the table and its columns where they differ, such as {"table": "items", "metadata": "info", "frame_count": ""}; a blank column is not written',
    displayOptions: { hide: { '/supabase': ['off'] } },
  },
  {
    displayName: 'Scale',
    name: 'scale',
    type: 'options',
    options: [
      { name: 'Of Each Frame', value: 'frame', description: 'The product fills every frame' },
      { name: 'Of the Whole Clip', value: 'clip', description: 'What comes nearer gets larger' },
    ],
    default: 'frame',
    description: 'What the size of the product in the frames follows',
  },
];
