import { Secrets, loadConfig } from '../../lib/contracts';
import { supabaseOf } from '../../lib/engine/jobs/supabase-access';
import { listen } from '../support/web';

/** Whose key is sent where. */
const ENGINE_KEY = 'sb_secret_of-the-engine-0123';
const JOB_KEY = 'sb_secret_of-the-job-0123456';
let asked: { key?: string; path?: string }[] = [];
let url = '';

beforeAll(async () => {
  url = await listen((request, response) => {
    asked.push({ key: request.headers.apikey as string, path: request.url });
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
});
beforeEach(() => (asked = []));

const env = () => ({ SUPABASE_URL: url, SUPABASE_KEY: ENGINE_KEY });
const open = (own: string | undefined, secrets: object, settings: Record<string, string> = env()) =>
  supabaseOf(
    { url: own },
    { secrets: new Secrets(secrets), config: loadConfig(settings) },
    new AbortController().signal,
  );

test.each([
  ['the engine’s own', undefined, {}, env],
  [
    'by the other name of its variable',
    undefined,
    {},
    () => ({ SUPABASE_URL: url, SUPABASE_SERVICE_KEY: ENGINE_KEY }),
  ],
  ['the engine’s, named by the job as well', 'url/', {}, env],
])('%s', async (_, own, secrets, settings) => {
  await open(own && `${url}/`, secrets, settings()).list('frames', 'a');
  expect(asked).toEqual([{ key: ENGINE_KEY, path: '/storage/v1/object/list/frames' }]);
});

test('the key of a job wins', async () => {
  await open(undefined, { supabase_key: JOB_KEY }).list('frames', 'a');
  expect(asked.map(({ key }) => key)).toEqual([JOB_KEY]);
});

test('a project that a job names gets the key of the job, never that of the engine', async () => {
  const settings = { ...env(), SUPABASE_URL: 'https://engine.supabase.co', VITRINE_ALLOW_HOSTS: '127.0.0.1' };
  await open(url, { supabase_key: JOB_KEY }, settings).list('frames', 'a');
  expect(asked.map(({ key }) => key)).toEqual([JOB_KEY]);
  expect(() => open(url, {}, settings)).toThrow(
    expect.objectContaining({ code: 'KEY_MISSING', message: expect.stringContaining('no key of its own') }),
  );
});

test.each([
  ['address', undefined, {}, {}],
  ['key', undefined, {}, { SUPABASE_URL: 'https://a.supabase.co' }],
])('without %s', (what, own, secrets, settings) => {
  expect(() => open(own, secrets, settings)).toThrow(
    expect.objectContaining({ code: 'KEY_MISSING', message: expect.stringContaining(`no ${what}`) }),
  );
});

test('in plain http a key goes to this machine only, and to hosts that are trusted by name', () => {
  const secrets = { supabase_key: JOB_KEY };
  expect(() => open('http://kong:8000', secrets, {})).toThrow('Expected supabase_url to be an https address');
  expect(() => open('http://kong:8000', secrets, { VITRINE_ALLOW_HOSTS: 'kong' })).not.toThrow();
  expect(() => loadConfig({ SUPABASE_URL: 'http://kong:8000' })).toThrow('SUPABASE_URL');
  expect(loadConfig({ SUPABASE_URL: 'http://kong:8000/', VITRINE_ALLOW_HOSTS: 'kong' }).supabaseUrl).toBe(
    'http://kong:8000',
  );
});
