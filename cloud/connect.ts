import type { IExecuteFunctions, ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { VitrineError } from '../lib/contracts';
import { clientOf } from '../lib/engine/client/client';
import { remoteEngines } from '../lib/engine/client/remote';
import type { EngineClient, EngineClientOptions } from '../lib/engine/client/types';
import { sendByN8n } from './send';

/** The choice stays, so that workflows move over with their parameters. */
export const EMBEDDED: INodePropertyOptions = {
  name: 'On This Machine (Not in This Edition)',
  value: 'embedded',
  description: 'Choose Remote Engine: this edition of the node starts no engine beside n8n',
};

/** The way to engines elsewhere, through n8n's own requests. Without addresses each job fails, and says why. */
export function connect(
  { helpers }: IExecuteFunctions | ILoadOptionsFunctions,
  { urls = [], token, onNotice = () => undefined }: EngineClientOptions,
): EngineClient {
  if (!urls.length) return NONE;
  const send = sendByN8n((request) => helpers.httpRequest(request));
  const engines = urls.map((url) => ({ url: url.replace(/\/+$/, ''), token, send }));
  return clientOf(remoteEngines(engines, onNotice));
}

// Each item fails by itself, as with any other error of an engine.
const refuse = () =>
  Promise.reject(
    new VitrineError({
      code: 'ENGINE_START_FAILED',
      message: 'This edition of Vitrine, which n8n Cloud runs, has no engine of its own',
      hint: 'Set Engine to Remote Engine and choose a credential Vitrine Engine with the address of one that was started with "vitrine serve".',
    }),
  );

const NONE: EngineClient = {
  run: refuse,
  models: refuse,
  presets: refuse,
  pipelines: refuse,
  health: refuse,
};
