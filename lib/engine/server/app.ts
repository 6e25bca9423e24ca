import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
} from 'fastify';
import { JOB_NAMES, VitrineError, packVersion } from '../../contracts';
import { retryHeader } from './answer';
import { answerBrokenRequest } from './broken-request';
import type { Engine } from './engine';
import { guard } from './guard';
import { jobRoute } from './job-route';
import { serviceRoutes } from './service';

/**
 * The HTTP face of an engine.
 * @param retire called when a newer engine asks this one to end
 */
export async function createApp(engine: Engine, retire: () => void): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: engine.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    // A phone photo over a slow line may take minutes; the job's own deadline starts after that.
    requestTimeout: 10 * 60_000,
    bodyLimit: 1024 * 1024,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, engine.log),
  });

  app.addHook('onRequest', async (request) => guard(request, engine.config.token));
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = toVitrineError(thrown);
    if (error.code === 'INTERNAL') request.log.error({ err: thrown }, 'Defect in a route');
    return reply.code(error.status).headers(retryHeader(error)).send({ error });
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new VitrineError({
      code: 'NOT_FOUND',
      message: `There is no ${request.method} ${request.url.split('?', 1)[0].slice(0, 100)}`,
      hint: 'See /docs for the routes of this engine.',
    });
    return reply.code(404).send({ error });
  });

  await app.register(multipart, { throwFileSizeLimit: false });
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Vitrine',
        description: 'Product photos in, publishable pictures out.',
        version: packVersion,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: engine.config.token ? [{ token: [] }] : [],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  for (const name of JOB_NAMES) jobRoute(app, engine, name);
  serviceRoutes(app, engine, retire);
  return app;
}

function toVitrineError(thrown: FastifyError): VitrineError {
  const { statusCode } = thrown;
  if (thrown instanceof VitrineError || statusCode === undefined || statusCode >= 500)
    return VitrineError.from(thrown);
  return new VitrineError(
    {
      code:
        statusCode === 413 ? 'TOO_LARGE' : statusCode === 415 ? 'UNSUPPORTED_FORMAT' : 'INVALID_PARAMETER',
      message: thrown.message,
      hint: 'See /docs for what this route takes.',
    },
    { cause: thrown },
  );
}
