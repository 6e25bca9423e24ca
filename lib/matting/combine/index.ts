export { combine, isDoubtful, UNSURE } from './combine';
export type { Combined, CombineOptions } from './combine';
export { rate } from './confidence';
