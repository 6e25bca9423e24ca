import type { FilesOf, JobName, JobParams } from '../../contracts';
import type { WorkerPool } from '../workers';

/** A job that is about to be taken in. */
interface Asked<J extends JobName> {
  pool: WorkerPool;
  params: JobParams<J>;
  /** Names of the files that came, or are to be fetched. */
  given: readonly (keyof FilesOf<J, string> & string)[];
}

/**
 * What each job can be refused for before its files are looked at; left out: nothing. Asked where nobody waits for the
 * job itself, so that the caller hears at once what he has to mend.
 */
export const checks: { [J in JobName]?: (asked: Asked<J>) => Promise<unknown> } = {
  replace: ({ pool, params, given }) => pool.ask('check-replace', { params, given }),
};
