import type { FilesOf, JobName, JobParams, JobResults, Links, Tasks, WorkName } from '../../contracts';
import type { JobDone, JobRun } from './types';

/** What a task must be like to do a job by itself. */
interface Whole<J extends JobName> {
  input: FilesOf<J, string> & { params: JobParams<J> };
  output: JobResults[J] & { artifacts: Links<J> };
}

/** The jobs that a worker has a task for, of the same name. */
type OneTaskJob = {
  [J in JobName & WorkName]: Whole<J>['input'] extends Tasks[J]['input']
    ? Tasks[J]['output'] extends Whole<J>['output']
      ? J
      : never
    : never;
}[JobName & WorkName];

/** A job that is one task of a worker: its files and parameters go in, its result and its artifacts come out. */
export function oneTask<J extends OneTaskJob>(name: J): (job: JobRun<J>) => Promise<JobDone<J>> {
  return async ({ pool, files, params, folder, signal, onProgress }) => {
    const input: object = { ...files, params };
    const made = await pool.run(name, input as Tasks[J]['input'], { folder, signal, onProgress });
    const { artifacts } = made as { artifacts: Links<J> };
    return { artifacts, result: (links) => ({ ...made, artifacts: links }) as JobResults[J] };
  };
}
