import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { JOB_NAMES, VitrineError, invalid, packVersion } from '../../contracts';
import { retryHeader } from './answer';
import { answerBrokenRequest, answerOddRequests, endWhenStalled } from './broken-request';
import type { Engine } from './engine';
import { guard } from './guard';
import { jobRoutes } from './job-routes';
import { serviceRoutes } from './service';

/** Milliseconds that jobs and their callers have when the engine is told to end. */
const LEAVE_MS = 6_000;
/** Milliseconds for the answers that are on their way then. */
const LAST_WORDS_MS = 1_000;

/**
 * The HTTP face of an engine.
 * @param retire called when a newer engine asks this one to end
 */
export async function createApp(engine: Engine, retire: () => void): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: engine.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    // A phone photo over a slow line may take minutes, as long as it moves; the job's own deadline starts after that.
    requestTimeout: 10 * 60_000,
    bodyLimit: 1024 * 1024,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, engine.log),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    // A request without one is refused in our own words.
    http: { requireHostHeader: false },
    // Results are fetched while the engine ends.
    return503OnClosing: false,
  });
  answerOddRequests(app.server);

  app.addHook('onRequest', async (request, reply) => {
    // While it ends, Fastify lets Node close connections behind each answer: a caller who is still sending would lose
    // the answer with them. Idle ones are closed in the end all the same.
    reply.raw.removeHeader('Connection');
    endWhenStalled(request.raw, reply.raw);
    refuseUnreadable(request);
    guard(request, engine.config.token);
  });
  app.addHook('preClose', () => end(app, engine));
  // The bodies of jobs are read where they are put; JSON is small and read here.
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = answerError(thrown, request, reply);
    engine.metrics.countError(error);
    return reply;
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new VitrineError({
      code: 'NOT_FOUND',
      message: `There is no ${request.method} ${request.url.split('?', 1)[0].slice(0, 100)}`,
      hint: 'See /docs for the routes of this engine.',
    });
    engine.metrics.countError(error);
    return reply.code(404).send({ error });
  });

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
  for (const name of JOB_NAMES) jobRoutes(app, engine, name);
  serviceRoutes(app, engine, retire);
  return app;
}

/** The end, whatever callers do: work that was taken has time to be done and fetched, then connections are cut. */
async function end(app: FastifyInstance, engine: Engine): Promise<void> {
  await engine.leave(LEAVE_MS);
  await engine.end();
  setTimeout(() => app.server.closeAllConnections(), LAST_WORDS_MS).unref();
}

function answerError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): VitrineError {
  const error = toVitrineError(thrown);
  // Those that come as one of ours were logged where they were made.
  if (error.code === 'INTERNAL' && error !== thrown) request.log.error({ err: thrown }, 'Defect in a route');
  void reply.code(error.status).headers(retryHeader(error)).send({ error });
  return error;
}

/** @throws VitrineError INVALID_PARAMETER, UNSUPPORTED_FORMAT for what no route can read */
function refuseUnreadable({ headers }: FastifyRequest): void {
  if (!headers.host) throw invalid('the header Host', 'the address of this engine', headers.host);
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding === 'identity') return;
  throw new VitrineError({
    code: 'UNSUPPORTED_FORMAT',
    message: `A body with the content encoding ${encoding} cannot be read`,
    hint: 'Send it as it is, without the header Content-Encoding.',
  });
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
