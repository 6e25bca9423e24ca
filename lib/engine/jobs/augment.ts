import { type AugmentResult, datasetOf } from '../../contracts';
import { type Filled, augmentFolder, augmentStored, folderOf } from '../augment';
import type { JobDone, JobRun } from './types';

type Where = Pick<AugmentResult, 'dataset_id' | 'dataset_path' | 'augmentation_path' | 'supabase'>;

/**
 * Tops a data set up, in its folder or in Supabase. What is made in a folder stays when the job is broken off, and the next
 * one goes on; in Supabase nothing is left of a job that failed.
 * @throws VitrineError INVALID_PARAMETER, what `augmentFolder` and Supabase can say
 */
export async function augment(job: JobRun<'augment'>): Promise<JobDone<'augment'>> {
  const { params } = job;
  if (datasetOf(params) === 'supabase') {
    const { filled, supabase } = await augmentStored(job);
    return answer(filled, {
      dataset_id: params.dataset_id!,
      ...{ dataset_path: null, augmentation_path: null, supabase },
    });
  }
  const root = await folderOf('dataset_path', params.dataset_path!);
  const filled = await augmentFolder({ root }, job);
  return answer(filled, {
    ...{ dataset_id: null, dataset_path: root, augmentation_path: filled.augmentation_path, supabase: null },
  });
}

function answer(filled: Filled, where: Where): JobDone<'augment'> {
  const { status, type, syn_produced, real_produced, report, ...rest } = filled;
  return {
    artifacts: {},
    result: (links) => ({
      ...{ status, type, dataset_id: where.dataset_id, syn_produced, real_produced, report },
      ...rest,
      ...where,
      artifacts: links,
    }),
  };
}
