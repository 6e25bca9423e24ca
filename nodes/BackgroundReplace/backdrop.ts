import type { INodeProperties } from 'n8n-workflow';
import { inputSource, type SourceNames } from '../common';
import { MARKETPLACES } from './presets';

/** What the parameters of the picture behind the product are called. */
export const BACKDROP_SOURCE: SourceNames = {
  source: { displayName: 'Backdrop Source', name: 'backdropSource' },
  field: { displayName: 'Backdrop Data Field Name', name: 'backdropPropertyName', default: 'backdrop' },
  url: { displayName: 'Backdrop URL', name: 'backdropUrl' },
};

const picture = inputSource(
  'picture behind the product',
  'https://example.com/scenes/beach.jpg',
  BACKDROP_SOURCE,
);

/** What stands behind the product: a kind of backdrop, and what that kind needs to know. */
export const backdropProperties: INodeProperties[] = [
  {
    displayName: 'Backdrop',
    name: 'backdrop',
    type: 'options',
    options: [
      {
        name: 'Auto',
        value: 'auto',
        description: 'What the preset says, a studio without one; with a prompt, a scene that is generated',
      },
      { name: 'Color', value: 'color', description: 'One plain color' },
      {
        name: 'Gemini',
        value: 'gemini',
        description: 'A scene that Google Gemini makes of the prompt, or of the preset; it is paid for',
      },
      { name: 'Gradient', value: 'gradient', description: 'A soft gradient in the colors of the preset' },
      { name: 'Image', value: 'image', description: 'A picture of your own' },
      {
        name: 'Runway',
        value: 'runway',
        description: 'A scene that Runway makes of the prompt, or of the preset; it is paid for',
      },
      {
        name: 'Stable Diffusion',
        value: 'sdxl',
        description: "A scene that a model on the engine's machine draws from the prompt, or from the preset",
      },
      {
        name: 'Studio',
        value: 'studio',
        description: 'A drawn studio, with a floor, shadows and reflections',
      },
    ],
    default: 'auto',
    description: 'What is put behind the product',
  },
  {
    displayName: 'Preset Names or IDs',
    name: 'preset',
    type: 'multiOptions',
    typeOptions: { loadOptionsMethod: 'getPresets', loadOptionsDependsOn: ['engineLocation'] },
    default: [],
    description:
      'Ready-made looks, and your own; each makes an output item with a picture of its own, from one cut. None: the white studio. A text may hold several with commas between them. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    displayOptions: { hide: { backdrop: ['color'] } },
  },
  {
    displayName: 'Marketplace',
    name: 'marketplace',
    type: 'options',
    options: MARKETPLACES,
    default: 'any',
    description: "Whose rules for a product's main picture are kept",
    displayOptions: { show: { preset: ['marketplace-white'] }, hide: { backdrop: ['color'] } },
  },
  {
    displayName: 'Backdrop Color',
    name: 'backdropColor',
    type: 'color',
    default: '#ffffff',
    description: 'The color behind the product',
    displayOptions: { show: { backdrop: ['color'] } },
  },
  ...picture.map((property) => ({
    ...property,
    displayOptions: { show: { ...property.displayOptions?.show, backdrop: ['image'] } },
  })),
  {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    typeOptions: { rows: 2 },
    default: '',
    placeholder: 'e.g. on a sunny beach, soft morning light',
    description:
      'The scene in words, without the product; needs Runway, Gemini or a model on the engine, so leave it empty without one. Empty: the words of the preset.',
    displayOptions: { show: { backdrop: ['auto', 'gemini', 'runway', 'sdxl'] } },
  },
  {
    displayName: 'Negative Prompt',
    name: 'negativePrompt',
    type: 'string',
    default: 'people, text, watermark',
    description: 'What the scene shall not show',
    displayOptions: { show: { backdrop: ['auto', 'gemini', 'runway', 'sdxl'] }, hide: { prompt: [''] } },
  },
  {
    displayName: 'Overrides (JSON)',
    name: 'overrides',
    type: 'json',
    default: '{}',
    description:
      'Fields of the preset that are to be different, such as {"reflection": 0.3, "placement": {"scale": 0.7}}',
  },
];
