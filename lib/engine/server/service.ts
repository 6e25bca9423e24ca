import type { FastifyInstance } from 'fastify';
import { FILE_ROUTES, JOBS, type Job } from '../../contracts';
import { CHALLENGE, proofOf } from '../client/host';
import type { Engine } from './engine';
import { healthOf } from './health';

/** Health, readiness, models, presets, pipelines, metrics, files: the routes that need no worker's time. */
export function serviceRoutes(app: FastifyInstance, engine: Engine, retire: () => void): void {
  const { config } = engine;

  const challenge = { type: 'string', pattern: CHALLENGE, description: 'for embedded engines: see `proof`' };
  app.get<{ Querystring: { challenge?: string } }>(
    '/health',
    {
      schema: {
        summary: 'Who this is, how busy and whether all is well',
        tags: ['service'],
        querystring: { type: 'object', properties: { challenge } },
      },
    },
    async ({ query, socket }) => ({
      ...(await healthOf(engine)),
      ...(query.challenge &&
        engine.embedded && {
          proof: proofOf(config.token!, {
            challenge: query.challenge,
            instance: engine.instance,
            address: `${socket.localAddress}:${socket.localPort}`,
          }),
        }),
    }),
  );

  app.get('/ready', { schema: { summary: 'Whether a worker takes jobs', tags: ['service'] } }, async () => {
    engine.refuseWhenRetiring();
    await engine.pool.warmUp();
    return { status: 'ready' };
  });

  app.get(
    '/ping',
    { schema: { summary: 'The same for balancers that ask this path, at once', tags: ['service'] } },
    () => {
      engine.refuseWhenRetiring();
      return { status: 'ok' };
    },
  );

  app.get('/models', { schema: { summary: 'The models that can be asked for', tags: ['service'] } }, () =>
    engine.pool.ask('models', {}),
  );

  app.get(
    '/presets',
    { schema: { summary: 'The presets that there are, your own too', tags: ['service'] } },
    () => engine.pool.ask('presets', {}),
  );

  app.get(
    '/pipelines',
    { schema: { summary: 'How pictures can be varied, in your own ways too', tags: ['service'] } },
    () => engine.pool.ask('pipelines', {}),
  );

  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus metrics', tags: ['service'] } },
    async (_request, reply) =>
      reply.type(engine.metrics.registry.contentType).send(await engine.metrics.registry.metrics()),
  );

  app.get<{ Params: { jobId: string } }>(
    '/api/background/jobs/:jobId',
    {
      schema: {
        summary: 'How far a job is that was answered with its id, or calls back',
        tags: ['jobs'],
        params: { type: 'object', properties: { jobId: { type: 'string' } } },
      },
    },
    ({ params }) => engine.records.find(params.jobId),
  );

  app.post(
    '/retire',
    {
      schema: {
        summary: 'End this engine once its work is done and the results were fetched',
        tags: ['service'],
      },
    },
    () => {
      void engine.leave().then(retire);
      return { status: 'retiring' };
    },
  );

  for (const route of FILE_ROUTES) {
    const of = `a file of ${makers(route)}`;
    const params = { type: 'object', properties: { filename: { type: 'string' } } };

    app.get<{ Params: { filename: string } }>(
      `/${route}/:filename`,
      { schema: { summary: `Get ${of}`, tags: ['files'], params } },
      async (request, reply) => {
        const file = await engine.outputs.open(request.params.filename);
        return reply.header('Content-Length', file.size).type(file.mimeType).send(file.stream);
      },
    );

    app.delete<{ Params: { filename: string } }>(
      `/${route}/:filename`,
      { schema: { summary: `Delete ${of}`, tags: ['files'], params } },
      async (request, reply) => {
        await engine.outputs.remove(request.params.filename);
        return reply.code(204).send();
      },
    );
  }
}

/** The routes of the jobs whose links lead to `route`. */
function makers(route: string): string {
  const jobs = Object.values<Job>(JOBS).filter(({ fileRoute }) => fileRoute === route);
  return jobs.map((job) => job.route).join(', ');
}
