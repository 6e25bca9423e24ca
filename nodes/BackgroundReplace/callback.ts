import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  INodeCredentialDescription,
  INodeCredentialTestResult,
  INodeProperties,
} from 'n8n-workflow';
import { type CallbackParamsInput, webhookKey } from '../../lib/contracts';
import { type ItemRun, SERVICE_CREDENTIALS, webAddress } from '../common';

/** Whom the engine calls when a picture is done, and what the caller knows it by. */
export const callbackProperties: INodeProperties[] = [
  {
    displayName: 'Media ID',
    name: 'mediaId',
    type: 'string',
    default: '',
    placeholder: 'e.g. media-123',
    description: 'Your own ID of the photo; it comes back in the result and in the callback',
  },
  {
    displayName: 'Project ID',
    name: 'projectId',
    type: 'string',
    default: '',
    placeholder: 'e.g. project-456',
    description: 'Your own ID of what the photo belongs to; it comes back in the result and in the callback',
  },
  {
    displayName: 'Callback URL',
    name: 'callbackUrl',
    type: 'string',
    default: '',
    placeholder: 'e.g. https://example.com/webhooks/background',
    description:
      'A public address that the engine calls by POST when the picture is done, or when it failed. The pictures stay on the engine then, for as long as it keeps files.',
  },
];

/** What callbacks are signed with; optional, because an engine may have a secret of its own. */
export const webhookCredential: INodeCredentialDescription = {
  name: SERVICE_CREDENTIALS.webhook_secret,
  required: false,
  testedBy: 'testWebhookSecret',
  displayOptions: { hide: { callbackUrl: [''] } },
};

/** What Test does with the credential: nobody can be asked, but a secret that is none is seen. */
export async function testWebhookSecret(
  this: ICredentialTestFunctions,
  { data }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  try {
    webhookKey(String(data?.secret ?? '').trim(), 'Secret');
    return { status: 'OK', message: 'Callbacks can be signed with this secret' };
  } catch (error) {
    return { status: 'Error', message: (error as Error).message };
  }
}

/** @throws VitrineError INVALID_PARAMETER for an address that is none */
export function readCallback({ value }: ItemRun): CallbackParamsInput {
  const given = value('callbackUrl');
  return {
    callbackUrl: given ? webAddress('Callback URL', given) : undefined,
    mediaId: ownId(value('mediaId')),
    projectId: ownId(value('projectId')),
  };
}

/** Expressions give numbers, too. */
function ownId(value: unknown): string | undefined {
  return String(value ?? '').trim() || undefined;
}
