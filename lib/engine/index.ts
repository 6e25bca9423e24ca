export { download } from './download';
export { frontAndBack, replace } from './jobs';
export { moveFile } from './move-file';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
