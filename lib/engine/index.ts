export { download } from './download';
export { serveEmbedded } from './embedded-host';
export { frontAndBack } from './jobs';
export { moveFile } from './move-file';
export { serve } from './server';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
