import type { JobDone, JobRun } from './types';

/** A cutout: one task of a worker. */
export async function remove(job: JobRun<'remove'>): Promise<JobDone<'remove'>> {
  const { pool, files, params, folder, signal, onProgress } = job;
  const result = await pool.run('remove', { file: files.file, params }, { folder, signal, onProgress });
  const { artifacts } = result;
  return { artifacts, result: (links) => ({ ...result, artifacts: { ...artifacts, ...links } }) };
}
