import { augment } from './augment';
import { frontAndBack } from './front-and-back';
import { oneTask } from './one-task';
import { replace } from './replace';
import { segment } from './segment';
import type { JobName, WorkName } from '../../contracts';
import type { Handlers } from './types';

export { checks } from './checks';
export { withStatus } from './status-webhook';
export { augment, frontAndBack, replace, segment };
export type { JobDone, JobRun, SentFile } from './types';

/** What does each job of the table in lib/contracts/jobs.ts. */
export const handlers: Handlers = {
  remove: oneTask('remove'),
  replace,
  segment,
  augment,
  'front-and-back': frontAndBack,
};

/** The task that each job ends in: there must be room for it before the job is taken in. */
export const TASK_OF: Record<JobName, WorkName> = {
  remove: 'remove',
  replace: 'replace',
  segment: 'segment',
  augment: 'augment',
  'front-and-back': 'remove',
};
