import {
  type ILoadOptionsFunctions,
  type INodeCredentialDescription,
  type INodeProperties,
  type INodePropertyOptions,
  NodeApiError,
} from 'n8n-workflow';
import {
  GEMINI_URL,
  RUNWAY_SCENE_MODELS,
  RUNWAY_URL,
  type SecretName,
  geminiPictureModels,
} from '../../lib/contracts';
import { SERVICE_CREDENTIALS } from '../common';

/** Backdrops that a generator may make, and the keys that each has a use for. */
const KEYS = new Map<unknown, readonly SecretName[]>([
  ['auto', ['runway_api_key', 'gemini_api_key']],
  ['gemini', ['gemini_api_key']],
  ['runway', ['runway_api_key']],
  ['sdxl', []],
]);

/** The keys that a backdrop may need; undefined for one that is never generated. */
export function keysFor(backdrop: unknown): readonly SecretName[] | undefined {
  return KEYS.get(backdrop);
}

/** Optional, because an engine may have keys of its own. */
export const generatorCredentials: INodeCredentialDescription[] = (
  ['gemini_api_key', 'runway_api_key'] as const
).map((name) => ({
  name: SERVICE_CREDENTIALS[name],
  required: false,
  displayOptions: {
    show: {
      backdrop: [...KEYS].filter(([, keys]) => keys.includes(name)).map(([backdrop]) => String(backdrop)),
    },
  },
}));

/** The model of a generator; its list comes from {@link loadGeneratorModels}. */
export const generatorModel: INodeProperties = {
  displayName: 'Generator Model Name or ID',
  name: 'generatorModel',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getGeneratorModels', loadOptionsDependsOn: ['backdrop'] },
  default: '',
  description:
    'The model that makes the scene. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
  displayOptions: { show: { '/backdrop': ['gemini', 'runway'] } },
};

/** Whether a backdrop has models to choose from. */
export function hasModels(backdrop: unknown): boolean {
  return Object.hasOwn(LISTS, String(backdrop));
}

const USUAL: INodePropertyOptions = {
  name: 'As Set on the Engine',
  value: '',
  description: 'VITRINE_RUNWAY_MODEL or VITRINE_GEMINI_MODEL of the engine',
};

/** Where each service lists the models of a key, and which of them make pictures. */
const LISTS: Record<string, { credential: string; url: string; modelsOf(answer: unknown): string[] }> = {
  gemini: {
    credential: SERVICE_CREDENTIALS.gemini_api_key,
    url: `${GEMINI_URL}/v1beta/models?pageSize=1000`,
    modelsOf: geminiPictureModels,
  },
  runway: {
    credential: SERVICE_CREDENTIALS.runway_api_key,
    url: `${RUNWAY_URL}/v1/organization`,
    modelsOf: (answer) => {
      const { tier } = (answer ?? {}) as { tier?: { models?: object } | null };
      const theirs = Object.keys(tier?.models ?? {});
      return RUNWAY_SCENE_MODELS.filter((model) => theirs.includes(model));
    },
  },
};

/** Fills the dropdown of models: those that the service has for the key of the node's credential just now. */
export async function loadGeneratorModels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const list = LISTS[String(this.getCurrentNodeParameter('backdrop'))];
  if (!list || !this.getNode().credentials?.[list.credential]) return [USUAL];
  try {
    const request = this.helpers.httpRequestWithAuthentication;
    const answer = await request.call(this, list.credential, { url: list.url, json: true });
    return [USUAL, ...list.modelsOf(answer).map((id) => ({ name: id, value: id }))];
  } catch (error) {
    throw new NodeApiError(this.getNode(), error as never);
  }
}
