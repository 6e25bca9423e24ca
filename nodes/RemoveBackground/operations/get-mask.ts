import type { Operation } from '../../common';
import { cutoutProperties, runCutout } from '../cutout';
import { cutoutOptions, squareSize } from '../cutout-options';

const { input, model, output } = cutoutProperties;

/** The mask alone. */
export const getMask: Operation = {
  value: 'getMask',
  name: 'Get Mask',
  action: 'Get mask',
  description: 'Get a grayscale picture of the same size: white where the product is, black elsewhere',
  properties: [...input, model, output],
  options: [...cutoutOptions, squareSize],
  run: (run) => runCutout(run, { mode: 'mask' }),
};
