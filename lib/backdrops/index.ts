import type { DrawnBackdrop } from '../contracts';
import { drawColor } from './color';
import { drawGradient } from './gradient';
import { drawImage } from './image';
import { drawStudio } from './studio';
import type { DrawBackdrop } from './types';

export { composite } from './composite';
export { softenEdges } from './edges';
export { lookOf } from './look';
export { type Marketplace, findMarketplace, marketplaceFrame, marketplacePlacement } from './marketplaces';
export { type Gains, type Samples, matchGains, meanShift, sampleProduct } from './match';
export { bringsShadow, keepsShadow } from './own-shadow';
export { type Placed, type Size, frameOf, placeProduct } from './place';
export { type Presets, findPreset, loadPresets, presetSummaries } from './presets';
export { staging } from './scene-prompt';
export { type Shade, layShade, shadeOf } from './shade';
export { type SceneSight, settle, sightOf } from './settle';
export { surroundingsOf } from './surroundings';
export { compositeTransparent } from './transparent';
export type { Backdrop, Stage } from './types';

/** Everything that can stand behind a product: what draws it, by the name that callers give. */
export const BACKDROPS: Record<DrawnBackdrop, DrawBackdrop> = {
  studio: drawStudio,
  gradient: drawGradient,
  color: drawColor,
  image: drawImage,
};
