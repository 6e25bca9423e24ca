import type { FastifyRequest } from 'fastify';
import type { Config, Device } from '../../contracts';

/** What every failed request answers with, for the OpenAPI page. */
export const errorSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        hint: { type: 'string' },
        retryAfter: { type: 'number' },
      },
    },
  },
};

/**
 * The address at which the caller gets a kept file: under BASE_URL, or where the request came in.
 * @param route both lead to the same files; `outputs` is what the front-and-back seed calls them
 */
export function publicUrl(
  request: FastifyRequest,
  config: Config,
  name: string,
  route: 'download' | 'outputs' = 'download',
): string {
  return `${config.baseUrl ?? `${request.protocol}://${request.host}`}/${route}/${name}`;
}

/** The device that a job tries first: its own, or the engine's where it leaves the choice. */
export function deviceOf({ device }: { device: Device }, config: Config): Device {
  return device === 'auto' ? config.device : device;
}
