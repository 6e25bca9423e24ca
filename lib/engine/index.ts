export { download } from './download';
export { serveEmbedded } from './embedded-host';
export { frontAndBack, processResult } from './front-and-back';
export { moveFile } from './move-file';
export { serve, type RunningEngine } from './server';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
