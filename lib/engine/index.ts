export { serveEmbedded } from './embedded-host';
export { moveFile } from './move-file';
export { serve, type RunningEngine } from './server';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
