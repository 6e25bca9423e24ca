export { highest } from './blocks';
export { repairMask, shapeMask } from './steps';
