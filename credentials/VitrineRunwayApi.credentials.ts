import type {
  IAuthenticateGeneric,
  Icon,
  ICredentialTestRequest,
  ICredentialType,
  INodeProperties,
} from 'n8n-workflow';

/** The key with which the engine has Runway make scenes; sent to it over loopback or TLS only. */
export class VitrineRunwayApi implements ICredentialType {
  name = 'vitrineRunwayApi';

  displayName = 'Vitrine Runway API';

  icon: Icon = { light: 'file:vitrine.svg', dark: 'file:vitrine.dark.svg' };

  documentationUrl = 'https://docs.dev.runwayml.com/guides/setup/';

  properties: INodeProperties[] = [
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'A key of the Runway API, from dev.runwayml.com; it begins with key_',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: { Authorization: '={{ "Bearer " + $credentials.apiKey }}', 'X-Runway-Version': '2024-11-06' },
    },
  };

  test: ICredentialTestRequest = {
    request: { baseURL: 'https://api.dev.runwayml.com', url: '/v1/organization' },
  };
}
