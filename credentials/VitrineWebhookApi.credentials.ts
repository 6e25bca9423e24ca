import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The secret with which the engine signs its callbacks; sent to it over loopback or TLS only. */
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
}
