import { frontAndBack } from './front-and-back';
import { remove } from './remove';
import type { Handlers } from './types';

export { frontAndBack };
export type { JobDone, JobRun } from './types';

/** What does each job of the table in lib/contracts/jobs.ts. */
export const handlers: Handlers = {
  remove,
  'front-and-back': frontAndBack,
};
