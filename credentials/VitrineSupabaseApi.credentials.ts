import type {
  IAuthenticateGeneric,
  Icon,
  ICredentialTestRequest,
  ICredentialType,
  INodeProperties,
} from 'n8n-workflow';

/** The Supabase project that the engine writes files and rows of; sent to it over loopback or TLS only. */
export class VitrineSupabaseApi implements ICredentialType {
  name = 'vitrineSupabaseApi';

  displayName = 'Vitrine Supabase API';

  icon: Icon = { light: 'file:vitrine.svg', dark: 'file:vitrine.dark.svg' };

  documentationUrl = 'https://supabase.com/docs/guides/api/api-keys';

  properties: INodeProperties[] = [
    {
      displayName: 'Project URL',
      name: 'url',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. https://abcdefghijkl.supabase.co',
      description: 'The address of the project, from its API settings, without a path',
    },
    {
      displayName: 'Service Role Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'The service role key, or a secret key that begins with sb_secret_, of the same project',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: {
        apikey: '={{ $credentials.apiKey }}',
        Authorization: '={{ "Bearer " + $credentials.apiKey }}',
      },
    },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{ $credentials.url.trim().replace(/\\/+$/, "") }}',
      url: '/storage/v1/bucket',
    },
  };
}
