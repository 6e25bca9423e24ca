import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../common';
import { cutoutProperties, runCutout } from '../cutout';
import { cutoutOptions, lookOptions, squareSize } from '../cutout-options';

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

const decontamination: INodeProperties[] = [
  {
    displayName: 'Decontaminate Edges',
    name: 'decontaminate',
    type: 'boolean',
    default: true,
    description: 'Whether to take the color of the old background out of soft edges',
  },
  {
    displayName: 'Decontamination Method',
    name: 'decontaminationMethod',
    type: 'options',
    options: [
      { name: 'Blur Fusion', value: 'blur-fusion', description: 'Right for nearly every photo' },
      {
        name: 'Multi-Level',
        value: 'multi-level',
        description: 'Multi-level foreground estimation, as rembg has it',
      },
    ],
    default: 'blur-fusion',
    description: 'How Decontaminate Edges works',
  },
];

const { input, model, output } = cutoutProperties;

/** The product on transparency or on a plain color. */
export const removeBackground: Operation = {
  value: 'removeBackground',
  name: 'Remove Background',
  action: 'Remove background',
  description: 'Cut the product out and put it on transparency or on a plain color',
  properties: [...input, ...background, model, output],
  options: [...cutoutOptions, ...lookOptions, ...decontamination, squareSize],
  run(run) {
    const { decontaminate, decontaminationMethod } = run.options;
    const isColor = run.value('background') === 'color';
    return runCutout(run, {
      ...(isColor
        ? { mode: 'color', bgcolor: String(run.value('backgroundColor')) }
        : { mode: 'transparent' }),
      // The switch came first, and saved workflows have it.
      decontaminate: decontaminate === false ? 'off' : (decontaminationMethod ?? 'blur-fusion'),
    });
  },
};
