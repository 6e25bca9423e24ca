import { defineTransform } from '../fields';
import { saturationBy } from '../saturation';

/** Luma of ITU-R BT.601 in all three channels. */
export const gray = defineTransform(
  {},
  { danger: 'Takes the brand its colours.', effects: () => [saturationBy(0)] },
);
