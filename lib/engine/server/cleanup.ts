import type { FastifyInstance } from 'fastify';
import { z } from 'zod/v4';
import { type RemoveResult, parse, removeParams } from '../../contracts';
import { answer, hangUpSignal } from './answer';
import type { Engine } from './engine';
import { deviceOf, errorSchema, publicUrl } from './http';
import { receive } from './upload';

/** `POST /background/cleanup`: the seed's route for cutouts, with more parameters than it had. */
export function cleanupRoute(app: FastifyInstance, engine: Engine): void {
  const { properties } = z.toJSONSchema(removeParams, { io: 'output' });
  app.post('/background/cleanup', {
    validatorCompiler: () => () => true,
    schema: {
      summary: 'Cut a product out of its photo, or soften what is behind it',
      tags: ['jobs'],
      consumes: ['multipart/form-data'],
      produces: ['application/json', 'image/png', 'image/webp', 'image/jpeg', 'application/x-ndjson'],
      body: {
        type: 'object',
        properties: {
          file: { type: 'string', format: 'binary', description: 'The photo' },
          url: { type: 'string', description: 'Or its public address' },
          ...(properties as Record<string, object>),
        },
      },
      response: { '4xx': errorSchema, '5xx': errorSchema },
    },
    handler: (request, reply) => {
      const signal = hangUpSignal(reply);
      return answer(request, reply, engine.outputs, (onProgress) =>
        engine.job('remove', async (folder) => {
          const { file, fields } = await receive(request, folder, engine.config, signal);
          const asked = parse(removeParams, fields);
          const params = { ...asked, device: deviceOf(asked, engine.config) };
          const result = await engine.pool.run('remove', { file, folder, params }, { signal, onProgress });
          const made = [{ file: result.artifacts.output, prefix: 'cleanup' }];
          if (result.artifacts.mask) made.push({ file: result.artifacts.mask, prefix: 'mask' });
          const [output, mask] = await engine.outputs.keep(made, signal);
          const artifacts: RemoveResult['artifacts'] = { output: publicUrl(request, engine.config, output) };
          if (mask) artifacts.mask = publicUrl(request, engine.config, mask);
          return { output, result: { ...result, artifacts } };
        }),
      );
    },
  });
}
