export { WorkerPool, type JobOptions, type PoolEvents } from './pool';
