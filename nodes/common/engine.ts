import {
  NodeOperationError,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
  type INodeCredentialDescription,
  type INodeProperties,
  type INodePropertyOptions,
} from 'n8n-workflow';
import { MODEL_GROUPS, type ModelGroup, type ModelSummary } from '../../lib/contracts';
import type { EngineClient, EngineClientOptions } from '../../lib/engine/client';
import { EMBEDDED, connect } from './connect';
import { toNodeError } from './failures';

/** The address and token of remote engines. */
export const engineCredential: INodeCredentialDescription = {
  name: 'vitrineEngineApi',
  required: true,
  displayOptions: { show: { engineLocation: ['remote'] } },
};

/** Where the node's work is done; the remote choice brings up the credential. */
export const engineLocation: INodeProperties = {
  displayName: 'Engine',
  name: 'engineLocation',
  type: 'options',
  noDataExpression: true,
  options: [
    { name: EMBEDDED.name, value: 'embedded', description: EMBEDDED.description },
    {
      name: 'Remote Engine',
      value: 'remote',
      description: 'One or more engines started with "vitrine serve", for example on a machine with a GPU',
    },
  ],
  default: 'embedded',
  description: 'Where the pictures are worked on',
};

const AUTO = 'The best model that the engine has and has room for; nothing is downloaded';

const GROUP_NAMES: Record<ModelGroup, string> = { best: 'Best', quick: 'Quick', special: 'Special' };

/** The `model` parameter; its list comes from {@link loadModels}. */
export const modelChoice: INodeProperties = {
  displayName: 'Model Name or ID',
  name: 'model',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getModels', loadOptionsDependsOn: ['engineLocation'] },
  default: 'auto',
  description:
    'The model that finds the product; Auto is at least the network that comes with the package. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

/** The credential's one field for all addresses, as a list: split at commas, spaces and line ends. */
export function splitUrls(text: unknown): string[] {
  return String(text ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((url) => url.replace(/\/+$/, ''));
}

/**
 * The client for the engine that the node is set to. Starts nothing by itself.
 * @throws NodeOperationError when the credential lacks an address
 */
export async function clientFor(
  context: IExecuteFunctions | ILoadOptionsFunctions,
  location: unknown,
  onNotice?: EngineClientOptions['onNotice'],
): Promise<EngineClient> {
  if (location !== 'remote') return connect(context, { onNotice });
  const credential = await context.getCredentials(engineCredential.name);
  const urls = splitUrls(credential.urls);
  if (!urls.length) {
    throw new NodeOperationError(context.getNode(), 'The Vitrine Engine credential holds no address', {
      description: 'Put the address of an engine, e.g. http://gpu-box:8089, in its Engine URLs field.',
    });
  }
  return connect(context, { urls, token: String(credential.token ?? '').trim() || undefined, onNotice });
}

/**
 * Fills a model dropdown: `auto` first, then the best, the quick and the special models, in the engine's order.
 * @param isOffered what the node can use
 */
export function modelLoader(isOffered: (model: ModelSummary) => boolean) {
  return async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
    try {
      const client = await clientFor(this, this.getCurrentNodeParameter('engineLocation'));
      const models = await client.models();
      return [
        { name: 'Auto', value: 'auto', description: AUTO },
        ...models
          .filter(isOffered)
          .sort((a, b) => MODEL_GROUPS.indexOf(a.group) - MODEL_GROUPS.indexOf(b.group))
          .map((model) => ({ name: model.name, value: model.id, description: describeModel(model) })),
      ];
    } catch (error) {
      throw toNodeError(this.getNode(), error);
    }
  };
}

/** The models that cut products out of photos. */
export const loadModels = modelLoader(({ task }) => task === 'cutout');

function describeModel(model: ModelSummary): string {
  const { group, description, license, gated } = model;
  return [
    `${GROUP_NAMES[group]}: ${description.replace(/\.$/, '')}`,
    `${license} license${gated ? ' (must be accepted first)' : ''}`,
    whereItIs(model),
  ].join('; ');
}

function whereItIs({ packaged, available, bytes }: ModelSummary): string {
  if (packaged) return 'comes with the package';
  const size = bytes ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : 'of unknown size';
  return available ? `${size}, ready` : `${size} to download`;
}
