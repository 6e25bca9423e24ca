export { companionOf, replayPicture } from './augment';
export { download, downloadVideo } from './download';
export { type JobDone, type JobRun, augment, frontAndBack, replace, segment, withStatus } from './jobs';
export { moveFile } from './move-file';
export { WorkerPool } from './workers';
export { Workspace } from './workspace';
