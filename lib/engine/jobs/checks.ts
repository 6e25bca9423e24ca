import type { FilesOf, JobName } from '../../contracts';
import { checkScene, generatorsFor } from '../generators';
import type { JobRun } from './types';

/** A job that is about to be taken in. */
interface Asked<J extends JobName> extends Pick<JobRun<J>, 'config' | 'pool' | 'params' | 'secrets'> {
  /** Names of the files that came, or are to be fetched. */
  given: readonly (keyof FilesOf<J, string> & string)[];
}

/**
 * What each job can be refused for before its files are looked at; left out: nothing. Asked where nobody waits for the
 * job itself, so that the caller hears at once what he has to mend.
 */
export const checks: { [J in JobName]?: (asked: Asked<J>) => Promise<unknown> } = {
  replace: async ({ given, ...job }) => {
    const { pool, params } = job;
    const generators = await generatorsFor(job);
    const requests = await pool.ask('check-replace', { params, given, generators });
    for (const request of requests) if (request) checkScene(request, job);
  },
};
