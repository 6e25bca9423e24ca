import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../lib/contracts';
import { createLogger } from '../../lib/engine/server/logger';
import { workerConfig, workerEnvironment } from '../../lib/engine/workers/settings';
import { say } from '../support/raw';
import { type TestEngine, startEngine } from '../support/engine';
import { tempFolder } from '../support/temp';

/** What an engine knows or is told in confidence, and who must not see it: its workers, its logs, its answers. */
const SECRET = 'AIza-very-secret-0123456789';
const KEYS = {
  GEMINI_API_KEY: SECRET,
  RUNWAY_API_KEY: SECRET,
  SUPABASE_KEY: SECRET,
  SUPABASE_SERVICE_KEY: SECRET,
  APP_WEBHOOK_SECRET: SECRET,
  HF_TOKEN: SECRET,
  AWS_SECRET_ACCESS_KEY: SECRET,
  DB_POSTGRESDB_PASSWORD: SECRET,
  DATABASE_URL: `postgres://user:${SECRET}@db/x`,
  CALLBACK_URL: `https://example.com/done?sig=${SECRET}`,
};

test('a worker inherits what it needs to find things, and no secret', () => {
  const needed = {
    PATH: '/bin',
    HOME: '/home/x',
    PWD: '/x',
    LD_LIBRARY_PATH: '/cuda',
    CUDA_VISIBLE_DEVICES: '0',
    HTTPS_PROXY: 'http://user:pass@proxy:3128',
    NO_PROXY: '.lan',
    npm_config_registry: 'https://npm.lan/',
    NODE_AUTH_TOKEN: 'npm',
  };
  expect(workerEnvironment({ ...needed, ...KEYS, VITRINE_TOKEN: SECRET })).toEqual(needed);
});

test('a worker is told what it needs of the configuration', () => {
  const config = loadConfig({ ...KEYS, VITRINE_TOKEN: SECRET, HF_TOKEN: 'hf_x' });
  const told = structuredClone(workerConfig(config));
  expect(told).toMatchObject({ device: 'auto', hubToken: 'hf_x', limits: config.limits });
  expect(JSON.stringify(told)).not.toContain(SECRET);
  expect(told).not.toHaveProperty('secrets');
});

const logs = tempFolder();

test('an error in a log has its words and its place, and not the request that it carries', async () => {
  const file = join(logs, 'error.log');
  const printed = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { logger, close } = await createLogger(loadConfig({ VITRINE_LOG_DIR: logs }));
  const cause = Object.assign(new TypeError(`GET https://h/a.png?sig=${SECRET}`), {
    config: { headers: { authorization: SECRET } },
  });
  logger.error({ err: new Error('Defect in a part', { cause }) }, 'A job failed');
  await close();
  const written = readFileSync(file, 'utf8');
  const [[line]] = printed.mock.calls;
  printed.mockRestore();
  expect(line).toBe(written);
  expect(written).not.toContain(SECRET);
  expect(JSON.parse(written)).toMatchObject({
    msg: 'A job failed',
    err: {
      message: 'Defect in a part',
      stack: expect.stringContaining('secrets.test'),
      cause: { type: 'TypeError', message: 'GET https://h/a.png?…', stack: expect.stringContaining(' at ') },
    },
  });
});

describe('a running engine with DEBUG=true', () => {
  const folder = tempFolder();
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await startEngine(folder, { ...KEYS, VITRINE_TOKEN: SECRET, DEBUG: 'true' });
  });
  afterAll(() => engine.stop());
  afterEach(() => {
    const logs = join(folder, 'logs');
    const written = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
    expect(written.join('') + engine.log()).not.toContain('secret');
    // A buffer in a log is a list of numbers.
    expect(written.join('') + engine.log()).not.toContain([...Buffer.from('secret')].join(','));
  });

  const authorization = { authorization: `Bearer ${SECRET}` };

  test('its worker has no secret in its environment', async () => {
    expect((await fetch(`${engine.url}/ready`)).status).toBe(200);
    const environment = readFileSync(`/proc/${engine.workerPid()}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain(SECRET);
  });

  test.each([
    ['a bad header', `GET / HTTP/1.1\r\nAuthorization: Bearer ${SECRET}\r\nbad header\r\n\r\n`, 400],
    ['no HTTP', `${SECRET}\r\n\r\n`, 400],
    ['headers without end', `GET / HTTP/1.1\r\nCookie: ${SECRET.repeat(4000)}\r\n\r\n`, 431],
  ])('%s: logged without its bytes, answered in our shape', async (_, text, status) => {
    const answer = await say(engine.url, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1]).error).toEqual({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringMatching(/\w{3,}/),
      hint: expect.stringMatching(/\w{3,}/),
    });
    expect(answer).not.toContain('secret');
  });

  const front = 'https://example.com/a.png';

  test.each<[string, unknown]>([
    ['secrets in output', { id: 1, output: { front: [{ secrets: { gemini_api_key: SECRET } }] } }],
    ['secrets as id', { id: { gemini_api_key: SECRET }, output: { front } }],
    ['secrets as text', { id: 1, output: { front }, secrets: SECRET }],
    ['a request as text', JSON.stringify({ id: 1, secrets: { gemini_api_key: SECRET } })],
    ['a request in a list', [{ id: 1, secrets: { gemini_api_key: SECRET } }]],
    ['a key as a model', { id: 1, output: { front }, gemini_model: SECRET }],
    ['a signed address', { id: 1, output: { front: 'htps://files.example/a.png?sig=very-secret' } }],
  ])('%s: refused without quoting it', async (_, body) => {
    const response = await fetch(`${engine.url}/process`, {
      method: 'POST',
      headers: { ...authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text).error.code).toBe('INVALID_PARAMETER');
    expect(text).not.toContain('secret-');
    expect(text).not.toContain('very-secret');
  });
});
