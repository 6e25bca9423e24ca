import type { INodeProperties } from 'n8n-workflow';
import { modelChoice } from '../common';

/** Front and back have parameters of their own in place of these. */
export const notForDesigns = { hide: { operation: ['processFrontAndBack'] } };
const onlyForDesigns = { show: { operation: ['processFrontAndBack'] } };

/** What the operation Process Front and Back asks for. */
export const designProperties: INodeProperties[] = [
  {
    displayName: 'Front URL',
    name: 'frontUrl',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://example.com/front.png',
    description: 'The public address of the picture of the front; the engine downloads it',
    displayOptions: onlyForDesigns,
  },
  {
    displayName: 'Back URL',
    name: 'backUrl',
    type: 'string',
    default: '',
    placeholder: 'e.g. https://example.com/back.png',
    description: 'The public address of the picture of the back, where there is one',
    displayOptions: onlyForDesigns,
  },
  {
    displayName: 'Design ID',
    name: 'designId',
    type: 'string',
    default: '',
    placeholder: 'e.g. 123',
    description:
      'What the result and the file names are known by. Empty: the number of the execution and of the item.',
    displayOptions: onlyForDesigns,
  },
  {
    ...modelChoice,
    displayName: 'RMBG Model Name or ID',
    name: 'rmbgModel',
    default: 'rmbg-2.0',
    description:
      'The network that makes front_rmbg and back_rmbg. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    displayOptions: onlyForDesigns,
  },
  {
    ...modelChoice,
    displayName: 'BiRefNet Model Name or ID',
    name: 'birefnetModel',
    default: 'birefnet',
    description:
      'The network that makes front_birefnet and back_birefnet. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    displayOptions: onlyForDesigns,
  },
  {
    displayName: 'Clean Up with Gemini First',
    name: 'cleanUp',
    type: 'boolean',
    default: false,
    description:
      'Whether to have Gemini change each picture before it is cut out. The pictures are sent to Google, on your key.',
    displayOptions: onlyForDesigns,
  },
  {
    displayName: 'Prompt',
    name: 'cleanUpPrompt',
    type: 'string',
    typeOptions: { rows: 3 },
    default: '',
    required: true,
    placeholder: 'e.g. Take the price tag off; change nothing else.',
    description: 'What Gemini is to change in each picture',
    displayOptions: { show: { operation: ['processFrontAndBack'], cleanUp: [true] } },
  },
];
