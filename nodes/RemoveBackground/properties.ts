import type { INodeProperties } from 'n8n-workflow';
import { engineLocation, modelChoice } from '../common';
import { designProperties, notForDesigns } from './design-properties';

/** The node's operations: three modes of the engine's cutout job, and its front-and-back job. */
const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Get Mask',
      value: 'getMask',
      action: 'Get mask',
      description: 'Get a grayscale picture of the same size: white where the product is, black elsewhere',
    },
    {
      name: 'Process Front and Back',
      value: 'processFrontAndBack',
      action: 'Process front and back',
      description: 'Cut out the front and the back of a product by URL, each with RMBG 2.0 and with BiRefNet',
    },
    {
      name: 'Remove Background',
      value: 'removeBackground',
      action: 'Remove background',
      description: 'Cut the product out and put it on transparency or on a plain color',
    },
    {
      name: 'Soften Background',
      value: 'softenBackground',
      action: 'Soften background',
      description: 'Keep the scene but blur it behind the product',
    },
  ],
  default: 'removeBackground',
};

const input: INodeProperties[] = [
  {
    displayName: 'Input Source',
    name: 'inputSource',
    type: 'options',
    options: [
      { name: 'Data Field', value: 'dataField', description: 'A picture that the input item carries' },
      { name: 'URL', value: 'url', description: 'A picture that the engine downloads from a public address' },
    ],
    default: 'dataField',
    description: 'Where the photo comes from',
    displayOptions: notForDesigns,
  },
  {
    displayName: 'Input Data Field Name',
    name: 'binaryPropertyName',
    type: 'string',
    default: 'data',
    required: true,
    placeholder: 'e.g. data',
    hint: 'The name of the input field containing the photo',
    description: 'The data field of the input item that holds the photo',
    displayOptions: { show: { inputSource: ['dataField'] }, ...notForDesigns },
  },
  {
    displayName: 'URL',
    name: 'url',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://example.com/photos/mug.jpg',
    description: 'The public address of the photo; the engine downloads it',
    displayOptions: { show: { inputSource: ['url'] }, ...notForDesigns },
  },
];

const background: INodeProperties[] = [
  {
    displayName: 'Background',
    name: 'background',
    type: 'options',
    options: [
      {
        name: 'Color',
        value: 'color',
        description: 'An opaque picture with one plain color behind the product',
      },
      { name: 'Transparent', value: 'transparent', description: 'Only the product, as PNG or WebP' },
    ],
    default: 'transparent',
    description: 'What is put behind the product',
    displayOptions: { show: { operation: ['removeBackground'] } },
  },
  {
    displayName: 'Background Color',
    name: 'backgroundColor',
    type: 'color',
    default: '#ffffff',
    description: 'The color behind the product',
    displayOptions: { show: { operation: ['removeBackground'], background: ['color'] } },
  },
];

const output: INodeProperties = {
  displayName: 'Put Output File in Field',
  name: 'binaryPropertyOutput',
  type: 'string',
  default: 'data',
  required: true,
  placeholder: 'e.g. data',
  hint: 'The name of the output field to put the picture in',
  description: 'The data field of the output item that the picture is put in',
  displayOptions: notForDesigns,
};

/** Everything above the Options collection. */
export const mainProperties: INodeProperties[] = [
  engineLocation,
  operation,
  ...input,
  ...background,
  { ...modelChoice, displayOptions: notForDesigns },
  output,
  ...designProperties,
];
