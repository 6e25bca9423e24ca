export { serve, type RunningEngine } from './serve';
