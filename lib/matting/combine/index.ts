export { combine, isDoubtful } from './combine';
export { rate, UNSURE } from './confidence';
export type { RatedCut } from './confidence';
export { edgesOf } from './edges';
