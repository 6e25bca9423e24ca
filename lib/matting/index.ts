export { Cutter } from './cutout';
export type { CutOptions, Cutout, CutterOptions } from './cutout';
export { decontaminate } from './decontaminate';
export { repairMask, shapeMask } from './mask';
