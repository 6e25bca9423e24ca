import { defineTransform, uniform } from '../fields';
import { tableOf } from '../tables';

/** Levels 0..1 to the power of `gamma`: over 1 darker, under 1 lighter. */
export const gamma = defineTransform(
  { gamma: uniform(0.2, 5, [0.88, 1.14]) },
  { effects: (drawn) => [tableOf((level) => (level / 255) ** drawn.gamma * 255 + 1e-9)] },
);
