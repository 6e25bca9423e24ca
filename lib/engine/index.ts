export { download } from './download';
export { frontAndBack } from './jobs';
export { moveFile } from './move-file';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
