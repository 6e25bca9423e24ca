import type { IExecuteFunctions, ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { engineClient, type EngineClient, type EngineClientOptions } from '../../lib/engine/client';

/** What the choice of the engine of this machine says; the pack for n8n Cloud has none (cloud/connect.ts). */
export const EMBEDDED: INodePropertyOptions = {
  name: 'On This Machine (Embedded)',
  value: 'embedded',
  description: 'An engine that starts by itself next to n8n and ends when it has been idle for a while',
};

/** The way to engines, or without addresses to the one of this machine. */
export function connect(
  _context: IExecuteFunctions | ILoadOptionsFunctions,
  options: EngineClientOptions,
): EngineClient {
  return engineClient(options);
}
