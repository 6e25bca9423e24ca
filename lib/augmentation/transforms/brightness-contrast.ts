import { defineTransform, uniform } from '../fields';
import { tableOf } from '../tables';

/** (1 + contrast) x + brightness, the latter as a share of 255. */
export const brightnessContrast = defineTransform(
  { brightness: uniform(-1, 1, [-0.08, 0.08]), contrast: uniform(-1, 1, [-0.1, 0.1]) },
  {
    danger: 'Beyond about 0.2 it clips: light and dark parts of a label lose their text.',
    effects: ({ brightness, contrast }) => [tableOf((level) => (1 + contrast) * level + brightness * 255)],
  },
);
