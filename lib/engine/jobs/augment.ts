import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Links, datasetOf, invalid } from '../../contracts';
import { type Filled, augmentFolder, augmentSent, augmentStored, folderOf } from '../augment';
import type { JobDone, JobRun } from './types';

/**
 * Tops a data set up, in its folder or in Supabase. What is made in a folder stays when the job is broken off, and the next
 * one goes on; in Supabase nothing is left of a job that failed. Pictures that came with the job are answered with new ones.
 * @throws VitrineError INVALID_PARAMETER, what `augmentFolder` and Supabase can say
 */
export async function augment(job: JobRun<'augment'>): Promise<JobDone<'augment'>> {
  const { facts, report, pictures } = await fill(job);
  const own = join(job.folder, 'report.html');
  // The one beside the data set stays there.
  if (report !== undefined) await copyFile(report, own);
  return {
    artifacts: { ...(report !== undefined && { report: own }), ...pictures },
    result: (links) => ({ ...facts, artifacts: links }),
  };
}

async function fill(job: JobRun<'augment'>): Promise<Filled & { pictures?: Links<'augment'> }> {
  const { params } = job;
  const { picture = [], background = [] } = job.sent ?? {};
  const from = datasetOf(params, picture.length > 0);
  if (from !== 'sent' && background.length)
    throw invalid('background', 'left out where no picture is sent', `${background.length} files`);
  if (from === 'supabase') return augmentStored(job);
  if (from === 'sent') return augmentSent(job);
  const root = await folderOf('dataset_path', params.dataset_path!);
  const where = { dataset_id: null, dataset_path: root, supabase: null };
  return augmentFolder({ root, title: basename(root), where }, job);
}
