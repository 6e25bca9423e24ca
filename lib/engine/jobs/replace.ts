import {
  type GeneratedScene,
  type Links,
  type Progress,
  type ReplaceResult,
  type SceneRequest,
  isGenerator,
  mapLimit,
} from '../../contracts';
import { generatorsFor, sceneFor } from '../generators';
import { whenThereIsRoom } from '../when-there-is-room';
import { withDeadline } from './deadline';
import type { JobDone, JobRun } from './types';

/** Scenes of one job that are made at a time: services let few tasks of a key run side by side. */
const AT_ONCE = 2;
/** Where generating begins in a job's progress, and where it ends. */
const [PLANNED, GENERATED] = [0.05, 0.6];

type Run = JobRun<'replace'>;

/**
 * A product on other backdrops: the scenes that have to be generated are made first, then the worker's task puts the
 * product over them. No service sees anything of it; the generator on this machine does where the job asks for a scene
 * that is drawn around it.
 * @throws VitrineError what the worker's tasks, the generators and the signal can say
 */
export async function replace(job: Run): Promise<JobDone<'replace'>> {
  const { pool, params, files, folder, signal, onProgress } = job;
  const generators = mayGenerate(job) ? await generatorsFor(job) : [];
  const input = { ...files, params, generators };
  if (!generators.length) return done(await pool.run('replace', input, { folder, signal, onProgress }));

  const { file, mask } = files;
  const plan = (event: Progress) => onProgress({ ...event, fraction: PLANNED * event.fraction });
  const asked = { file, mask, backdrop: files.backdrop !== undefined, params, generators };
  const requests = await whenThereIsRoom(signal, () =>
    pool.run('scenes', asked, { folder, signal, onProgress: plan }),
  );
  const generates = requests.some(Boolean);
  const generated = generates ? await generateAll(job, requests) : undefined;
  const rest = (event: Progress) =>
    onProgress(generates ? { ...event, fraction: GENERATED + (1 - GENERATED) * event.fraction } : event);
  const made = await whenThereIsRoom(signal, () =>
    pool.run('replace', { ...input, generated }, { folder, signal, onProgress: rest }),
  );
  return done(made);
}

function done(made: ReplaceResult): JobDone<'replace'> {
  const artifacts: Links<'replace'> = made.artifacts;
  return {
    artifacts,
    result: (links) => ({ ...made, artifacts: links as ReplaceResult['artifacts'] }),
  };
}

/** False where no preset could need a generator: nothing has to be planned then. */
function mayGenerate({ params, files, config }: Run): boolean {
  if (params.engine !== 'auto') return isGenerator(params.engine);
  if (files.backdrop !== undefined) return false;
  return params.prompt !== undefined || params.preset !== undefined || isGenerator(config.bgEngine);
}

async function generateAll(job: Run, requests: (SceneRequest | null)[]): Promise<(GeneratedScene | null)[]> {
  const { config, folder, onProgress } = job;
  const count = requests.filter(Boolean).length;
  const fractions = requests.map(() => 0);
  const reporter = (index: number) => (message: string, fraction: number) => {
    fractions[index] = Math.max(fraction, fractions[index]);
    const sum = fractions.reduce((total, each) => total + each, 0);
    const done = PLANNED + ((GENERATED - PLANNED) * sum) / count;
    onProgress({ stage: 'generate', fraction: done, message });
  };
  return withDeadline(config.jobTimeoutSeconds, job.signal, (either) =>
    mapLimit(requests, AT_ONCE, either, async (request, index, signal) => {
      if (!request) return null;
      const context = { folder, signal, name: `scene-${index + 1}`, onProgress: reporter(index) };
      return sceneFor(request, job, context);
    }),
  );
}
