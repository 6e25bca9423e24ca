export { edgesOf } from './combine';
export { alphaMatting } from './alpha-matting';
export { cutAlready } from './cut-already';
export type { CutOptions, Cutout } from './cutout';
export { Cutter } from './cutout';
export { decontaminate } from './decontaminate';
export { type EnclosedGround, enclosedGround } from './enclosed';
export { repairMask, shapeMask } from './mask';
export { multiLevelForeground } from './multi-level';
