import type {
  IAuthenticateGeneric,
  Icon,
  ICredentialTestRequest,
  ICredentialType,
  INodeProperties,
} from 'n8n-workflow';

/** The key with which the engine has Gemini clean pictures up; sent to it over loopback or TLS only. */
export class VitrineGeminiApi implements ICredentialType {
  name = 'vitrineGeminiApi';

  displayName = 'Vitrine Gemini API';

  icon: Icon = { light: 'file:vitrine.svg', dark: 'file:vitrine.dark.svg' };

  documentationUrl = 'https://ai.google.dev/gemini-api/docs/api-key';

  properties: INodeProperties[] = [
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'A key of the Gemini API, from Google AI Studio',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { 'x-goog-api-key': '={{ $credentials.apiKey }}' } },
  };

  test: ICredentialTestRequest = {
    request: { baseURL: 'https://generativelanguage.googleapis.com', url: '/v1beta/models' },
  };
}
