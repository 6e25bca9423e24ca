export { combine, isDoubtful, UNSURE } from './combine';
export type { Combined } from './combine';
