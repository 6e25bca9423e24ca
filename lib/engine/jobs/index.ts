import { frontAndBack } from './front-and-back';
import { oneTask } from './one-task';
import type { Handlers } from './types';

export { frontAndBack };
export type { JobDone, JobRun } from './types';

/** What does each job of the table in lib/contracts/jobs.ts. */
export const handlers: Handlers = {
  remove: oneTask('remove'),
  'front-and-back': frontAndBack,
};
