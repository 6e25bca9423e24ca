import type { INodeProperties } from 'n8n-workflow';
import { invalid, type SegmentParamsInput } from '../../lib/contracts';
import type { ItemRun } from '../common';

/** Which object of the video is the product, and what stands behind it in the frames. */
export const productProperties: INodeProperties[] = [
  {
    displayName: 'Find Product By',
    name: 'findBy',
    type: 'options',
    options: [
      { name: 'Auto', value: 'auto', description: 'The main object of the clip' },
      { name: 'Box', value: 'box', description: 'A rectangle around it in one frame' },
      { name: 'Point', value: 'point', description: 'A place on it in one frame' },
      {
        name: 'Text Prompt',
        value: 'prompt',
        description:
          'Its name in words; needs the model grounding-dino-tiny on the engine, or a key of Gemini',
      },
    ],
    default: 'auto',
    description: 'How the engine knows which object is meant',
  },
  {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    default: '',
    placeholder: 'e.g. bottle',
    description: 'The object in a word or two',
    displayOptions: { show: { findBy: ['prompt'] } },
  },
  {
    displayName: 'Box',
    name: 'box',
    type: 'string',
    default: '',
    placeholder: 'e.g. 420, 180, 300, 560',
    description: 'Left, top, width and height of the product in that frame, in pixels of the video',
    displayOptions: { show: { findBy: ['box'] } },
  },
  {
    displayName: 'Point',
    name: 'point',
    type: 'string',
    default: '',
    placeholder: 'e.g. 570, 460',
    description:
      'A place on the product in that frame, from the left and from the top, in pixels of the video',
    displayOptions: { show: { findBy: ['point'] } },
  },
  {
    displayName: 'Frame of the Box or Point',
    name: 'promptFrame',
    type: 'number',
    typeOptions: { minValue: 0, numberPrecision: 0 },
    default: 0,
    description: 'Which frame of the video the box or point is meant for, from 0',
    displayOptions: { show: { findBy: ['box', 'point'] } },
  },
  {
    displayName: 'Background',
    name: 'background',
    type: 'options',
    options: [
      { name: 'Color', value: 'color', description: 'One plain color' },
      { name: 'Original', value: 'original', description: 'What is there in the video' },
      { name: 'Transparent', value: 'transparent', description: 'Nothing' },
    ],
    default: 'transparent',
    description: 'What stands behind the product in the frames',
  },
  {
    displayName: 'Background Color',
    name: 'backgroundColor',
    type: 'color',
    default: '#ffffff',
    description: 'The color behind the product',
    displayOptions: { show: { background: ['color'] } },
  },
];

/**
 * What those parameters say to the engine. An expression in Find Product By shows the parameters of every kind, so none of
 * them is required in the editor.
 * @throws VitrineError INVALID_PARAMETER where the one is blank that it is found by
 */
export function readProduct({ value }: ItemRun): Partial<SegmentParamsInput> {
  const findBy = value('findBy');
  const background = value('background') as SegmentParamsInput['background'];
  return {
    ...(findBy === 'prompt' && {
      prompt: filled('Prompt', 'a word or two, such as bottle', value('prompt')),
    }),
    ...(findBy === 'box' && {
      box: filled('Box', 'four numbers, such as 420, 180, 300, 560', value('box')),
      prompt_frame: value('promptFrame'),
    }),
    ...(findBy === 'point' && {
      point: filled('Point', 'two numbers, such as 570, 460', value('point')),
      prompt_frame: value('promptFrame'),
    }),
    background,
    ...(background === 'color' && { bgcolor: value('backgroundColor') as string }),
  };
}

function filled(label: string, expected: string, given: unknown): string {
  const text = String(given ?? '').trim();
  if (text) return text;
  throw invalid(label, expected, text);
}
