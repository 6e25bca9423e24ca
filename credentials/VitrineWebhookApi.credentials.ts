import { randomUUID } from 'node:crypto';
import type {
  Icon,
  ICredentialDataDecryptedObject,
  ICredentialType,
  IHttpRequestOptions,
  INodeProperties,
} from 'n8n-workflow';
import { signatures, webhookKey } from '../lib/contracts';

/**
 * The secret that callbacks are signed with: by the engine, which is sent it over loopback or TLS only, or here, for
 * n8n's HTTP Request node.
 */
// eslint-disable-next-line @n8n/community-nodes/credential-test-required -- Background Replace tests it, in a list that the rule does not read
export class VitrineWebhookApi implements ICredentialType {
  name = 'vitrineWebhookApi';

  displayName = 'Vitrine Webhook API';

  icon: Icon = { light: 'file:vitrine.svg', dark: 'file:vitrine.dark.svg' };

  documentationUrl = 'https://www.standardwebhooks.com';

  properties: INodeProperties[] = [
    {
      displayName: 'Secret',
      name: 'secret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'What the receiver checks signatures with: whsec_… as it shows it, or any long text',
    },
  ];

  /** Signs the JSON that an HTTP Request node sends; its header `webhook-id` stays, so that repeats are known as such. */
  authenticate = async (
    { secret }: ICredentialDataDecryptedObject,
    request: IHttpRequestOptions,
  ): Promise<IHttpRequestOptions> => {
    const { 'webhook-id': given, ...headers } = request.headers ?? {};
    const id = String(given ?? randomUUID());
    const at = new Date();
    // An object is sent as JSON, as it is written here.
    const body = typeof request.body === 'string' ? request.body : JSON.stringify(request.body ?? {});
    return {
      ...request,
      headers: {
        ...headers,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        ...signatures(webhookKey(String(secret).trim(), 'Secret'), id, at, body),
      },
    };
  };
}
