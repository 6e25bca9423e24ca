export { cutForCpu, derive, withRowMask } from './derive';
export type { Change } from './derive';
