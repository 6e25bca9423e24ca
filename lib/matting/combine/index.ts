export { combine, isConfirmed, isWhole } from './combine';
export { closerBox, placeCloser } from './look-closer';
export { rate, UNSURE } from './confidence';
export type { RatedCut } from './confidence';
export { edgesOf } from './edges';
