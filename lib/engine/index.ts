export { download, downloadVideo } from './download';
export { frontAndBack, replace, segment } from './jobs';
export { moveFile } from './move-file';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
