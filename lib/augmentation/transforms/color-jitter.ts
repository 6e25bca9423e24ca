import { defineTransform, orderOf, uniform } from '../fields';
import { shiftHsv } from '../hsv';
import { saturationBy } from '../saturation';
import { tableOf } from '../tables';
import type { Effect } from '../types';

const factor = () => uniform(0, 3, [0.92, 1.08]);

/** Brightness, contrast and saturation (1 changes nothing) and hue (a share of the whole circle), in any order. */
export const colorJitter = defineTransform(
  {
    brightness: factor(),
    contrast: factor(),
    saturation: factor(),
    hue: uniform(-0.5, 0.5, [-0.01, 0.01]),
    order: orderOf(['brightness', 'contrast', 'saturation', 'hue']),
  },
  {
    danger: 'A hue beyond about 0.04 recolours the brand.',
    effects: (drawn) => drawn.order.flatMap((step) => CHANGES[step](drawn[step])),
  },
);

const CHANGES: Record<'brightness' | 'contrast' | 'saturation' | 'hue', (by: number) => Effect[]> = {
  brightness: (by) => (by === 1 ? [] : [tableOf((level) => level * by)]),
  contrast: (by) => (by === 1 ? [] : [aroundMean(by)]),
  saturation: (by) => (by === 1 ? [] : [saturationBy(by)]),
  hue: (by) => (by === 0 ? [] : [shiftHsv(180 * by, 0, 0)]),
};

/** Contrast around the picture's mean luma. */
function aroundMean(by: number): Effect {
  return {
    kind: 'measured',
    measure({ arena, width, height }, picture) {
      const mean = arena.kernels.sumLuma(picture, width * height) / (width * height);
      return [tableOf((level) => level * by + mean * (1 - by))];
    },
  };
}
