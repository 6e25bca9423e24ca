export { WorkerPool } from './pool';
