import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod/v4';
import {
  PROCESS_OUTPUTS,
  PROCESS_SECRETS,
  VitrineError,
  fileSafeId,
  processRequest,
  readProcessRequest,
  secretsSchema,
} from '../../contracts';
import { download } from '../download';
import { frontAndBack, processResult } from '../front-and-back';
import { answer, hangUpSignal } from './answer';
import type { Engine } from './engine';
import { deviceOf, errorSchema, publicUrl } from './http';

/** `POST /process`: the seed's route for a product's front and back. */
export function processRoute(app: FastifyInstance, engine: Engine): void {
  const { properties, required } = z.toJSONSchema(processRequest, { io: 'input', unrepresentable: 'any' });
  app.post('/process', {
    // What is wrong is said by the one schema that the terminal and the nodes use too.
    validatorCompiler: () => () => true,
    schema: {
      summary: "Cut a product's front and back out, each with RMBG 2.0 and with BiRefNet",
      description:
        'Downloads both pictures, has Gemini clean them up first where there is a prompt, and cuts each with both ' +
        'networks at the same time. A missing back is fine. What failed is null, with the reason in errors; where ' +
        'everything failed the answer is an error. The pictures are PNG files under /outputs.',
      tags: ['jobs'],
      consumes: ['application/json'],
      produces: ['application/json', 'application/x-ndjson'],
      body: {
        type: 'object',
        required,
        properties: { ...(properties as Record<string, object>), secrets: secretsSchema(PROCESS_SECRETS) },
      },
      response: { '4xx': errorSchema, '5xx': errorSchema },
    },
    handler: (request, reply) => {
      const signal = hangUpSignal(reply);
      return answer(request, reply, engine.outputs, (onProgress) =>
        engine.job('process', async (folder) => {
          const { config, pool } = engine;
          const { request: asked, secrets } = readProcessRequest(bodyOf(request));
          const job = { ...asked, device: deviceOf(asked, config) };
          const fetch = async (url: string, into: string) => (await download(url, into, config, signal)).file;
          const done = await frontAndBack({
            ...{ pool, config, request: job, secrets, folder, signal, onProgress, fetch },
          });
          for (const { cause } of Object.values(done.failures))
            if (cause) engine.log.error({ err: cause }, 'Defect in a part of a job');
          const outputs = PROCESS_OUTPUTS.filter((output) => done.made[output]);
          const files = outputs.map((suffix) => ({
            file: done.made[suffix]!.artifacts.output,
            prefix: `design_${fileSafeId(job.id)}`,
            suffix,
          }));
          const names = await engine.outputs.keep(files, signal);
          const links = names.map((name) => publicUrl(request, config, name, 'outputs'));
          const byOutput = Object.fromEntries(outputs.map((output, index) => [output, links[index]]));
          return { result: processResult(job, done, byOutput) };
        }),
      );
    },
  });
}

function bodyOf(request: FastifyRequest): unknown {
  const type = request.headers['content-type'];
  if (/^application\/json\b/i.test(type ?? '')) return request.body;
  throw new VitrineError({
    code: 'UNSUPPORTED_FORMAT',
    message: `Expected an application/json request but received ${type ?? 'no content type'}`,
    hint: 'Send JSON: curl -H "Content-Type: application/json" -d \'{"id": 123, "output": {"front": "https://…"}}\'.',
  });
}
