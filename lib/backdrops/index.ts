import type { DrawnBackdrop } from '../contracts';
import { drawColor } from './color';
import { drawStudio } from './studio';
import type { DrawBackdrop } from './types';

export { composite } from './composite';
export { lookOf } from './look';
export { type Placed, type Size, frameOf, placeProduct } from './place';
export { type Presets, findPreset, loadPresets } from './presets';
export type { Backdrop, Stage } from './types';

/** Everything that can stand behind a product: what draws it, by the name that callers give. */
export const BACKDROPS: Record<DrawnBackdrop, DrawBackdrop> = {
  studio: drawStudio,
  gradient: drawStudio,
  color: drawColor,
  image: drawColor,
};
