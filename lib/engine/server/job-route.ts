import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type ArtifactOf,
  type Config,
  type FilesOf,
  JOBS,
  type Job,
  type JobName,
  type Links,
  readJobRequest,
} from '../../contracts';
import { type JobRun, handlers } from '../jobs';
import { answer, hangUpSignal } from './answer';
import type { Engine } from './engine';
import { describeRoute } from './openapi';
import { receive } from './receive';

/** A job's route, whatever the job: receive, run, stream progress, answer, clean up. */
export function jobRoute<J extends JobName>(app: FastifyInstance, engine: Engine, name: J): void {
  const job: Job = JOBS[name];
  const { config, pool, log } = engine;
  app.post(job.route, {
    // What is wrong is said by the one schema that the terminal and the nodes use too.
    validatorCompiler: () => () => true,
    schema: describeRoute(job),
    handler: (request, reply) => {
      const signal = hangUpSignal(reply);
      return answer(request, reply, engine.outputs, (onProgress) =>
        engine.job(name, async (folder, arrived) => {
          const { files, body } = await receive(request, job, folder, config, signal);
          arrived();
          const { params, secrets } = readJobRequest(name, body);
          const run: JobRun<J> = {
            ...{ config, pool, params, secrets, folder, signal, onProgress },
            files: files as FilesOf<J, string>,
            onDefect: (error) => log.error({ err: error }, 'Defect in a part of a job'),
          };
          const done = await handlers[name](run);
          const made = Object.keys(done.artifacts) as ArtifactOf<J>[];
          const names = await engine.outputs.keep(
            made.map((artifact) => ({
              ...job.artifacts[artifact],
              file: done.artifacts[artifact]!,
              label: done.label,
            })),
            signal,
          );
          const base = `${publicBase(request, config)}/${job.fileRoute}`;
          const links = made.map((artifact, index) => [artifact, `${base}/${names[index]}`]);
          const picture = names[made.findIndex((artifact) => artifact === job.picture)];
          return { picture, result: done.result(Object.fromEntries(links) as Links<J>) };
        }),
      );
    },
  });
}

/** The address at which the caller reaches this engine: BASE_URL, or where the request came in. */
function publicBase(request: FastifyRequest, config: Config): string {
  return config.baseUrl ?? `${request.protocol}://${request.host}`;
}
