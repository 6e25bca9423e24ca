export { repairMask, shapeMask } from './steps';
