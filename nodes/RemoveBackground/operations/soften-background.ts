import type { Operation } from '../../common';
import { cutoutProperties, runCutout } from '../cutout';
import { cutoutOptions, lookOptions } from '../cutout-options';

const { input, model, output } = cutoutProperties;

/** The scene, blurred behind the product. */
export const softenBackground: Operation = {
  value: 'softenBackground',
  name: 'Soften Background',
  action: 'Soften background',
  description: 'Keep the scene but blur it behind the product',
  properties: [...input, model, output],
  options: [...cutoutOptions, ...lookOptions],
  run: (run) => runCutout(run, { mode: 'soften' }),
};
