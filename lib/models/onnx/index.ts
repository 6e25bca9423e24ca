export { deriveForCpu } from './derive';
