import type {
  IAuthenticateGeneric,
  Icon,
  ICredentialTestRequest,
  ICredentialType,
  INodeProperties,
} from 'n8n-workflow';

/** Where remote engines answer, and the token that they ask for. */
export class VitrineEngineApi implements ICredentialType {
  name = 'vitrineEngineApi';

  displayName = 'Vitrine Engine API';

  icon: Icon = { light: 'file:vitrine.svg', dark: 'file:vitrine.dark.svg' };

  documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-vitrine';

  properties: INodeProperties[] = [
    {
      displayName: 'Engine URLs',
      name: 'urls',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. http://gpu-box:8089',
      description:
        'Addresses of engines started with "vitrine serve", separated by commas. The one that will be done first gets the job; Test asks the first.',
    },
    {
      displayName: 'Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description: 'The VITRINE_TOKEN that these engines were started with; the same for all of them',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: { Authorization: '={{ $credentials.token ? "Bearer " + $credentials.token : "" }}' },
    },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{ $credentials.urls.split(/[\\s,]+/).filter(Boolean)[0].replace(/\\/+$/, "") }}',
      url: '/models',
    },
  };
}
