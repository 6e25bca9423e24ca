export { expansionOf } from './expansion';
export { Painter } from './painter';
export type { PaintOptions, Painted } from './painter';
