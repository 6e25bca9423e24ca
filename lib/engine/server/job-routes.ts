import type { FastifyInstance } from 'fastify';
import { JOBS, type Job, type JobName } from '../../contracts';
import { answer, hangUpSignal } from './answer';
import type { Engine } from './engine';
import { describeBackgroundRoute, describeRoute } from './openapi';
import { runJob } from './run-job';

// What is wrong is said by the one schema that the terminal and the nodes use too.
const validatorCompiler = () => () => true;

/** A job's route, whatever the job, and the one that answers at once where its row has one. */
export function jobRoutes<J extends JobName>(app: FastifyInstance, engine: Engine, name: J): void {
  const job: Job = JOBS[name];
  app.post(job.route, {
    validatorCompiler,
    schema: describeRoute(job),
    handler: (request, reply) => {
      const signal = hangUpSignal(reply);
      return answer(request, reply, engine.outputs, (onProgress) =>
        runJob(engine, name, request, { signal, onProgress }),
      );
    },
  });
  if (!job.background) return;
  app.post(job.background.route, {
    validatorCompiler,
    schema: describeBackgroundRoute(job),
    handler: async (request, reply) => {
      const signal = hangUpSignal(reply);
      const jobId = await new Promise<string>((resolve, reject) => {
        // Once it is taken in, its record and its callback say how it ended.
        runJob(engine, name, request, { signal, onTaken: resolve }).catch(reject);
      });
      return reply.code(202).send({ jobId });
    },
  });
}
