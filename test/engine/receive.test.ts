import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { JOBS, type Job, VitrineError, loadConfig, readJobRequest } from '../../lib/contracts';
import { fetchFiles, receive } from '../../lib/engine/server/receive';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** A row that is not in the table: two files, one of them needed. */
const job: Job = {
  ...JOBS.remove,
  input: {
    files: {
      file: { description: 'The photo', address: 'url', required: true, kind: 'picture' },
      backdrop: { description: 'A picture', address: 'backdrop_url', required: false, kind: 'picture' },
    },
  },
};
const folder = tempFolder();
const app = fastify();
let url: string;
let config = loadConfig({ VITRINE_ALLOW_HOSTS: '127.0.0.1' });
config = { ...config, limits: { ...config.limits, maxBytes: 1000 } };

beforeAll(async () => {
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.post('/', async (request, reply) => {
    try {
      const inside = mkdtempSync(join(folder, 'job-'));
      const { signal } = new AbortController();
      const { files, addresses, body } = await receive(request, job, inside, config, signal);
      Object.assign(files, await fetchFiles(addresses, job, inside, config, { signal }));
      const texts = Object.entries(files).map(([name, path]) => [name, readFileSync(path, 'utf8')]);
      return { files: Object.fromEntries(texts), body };
    } catch (error) {
      return reply.code(500).send(VitrineError.from(error));
    }
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

async function send(fields: [string, string | Blob][]) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return (await fetch(url, { method: 'POST', body: form })).json();
}

const file = (text: string) => new Blob([text]);

test('several files by name, parameters as text, secrets as an object', async () => {
  const answer = await send([
    ['mode', 'mask'],
    ['file', file('photo')],
    ['secrets', '{"gemini_api_key": "k"}'],
    ['backdrop', file('sky')],
  ]);
  expect(answer.files).toEqual({ file: 'photo', backdrop: 'sky' });
  expect(answer.body).toEqual({ mode: 'mask', secrets: { gemini_api_key: 'k' } });
});

test('addresses in place of files, each in its own field', async () => {
  const base = await listen((request, response) => response.end(request.url));
  const answer = await send([
    ['backdrop_url', `${base}/sky`],
    ['url', `${base}/photo`],
  ]);
  expect(answer.files).toEqual({ file: '/photo', backdrop: '/sky' });
  expect(answer.body).toEqual({});
});

test('secrets that are no JSON are left to what reads them, which never quotes them', async () => {
  const { body } = await send([
    ['file', file('photo')],
    ['secrets', '{"gemini_api_key": AIza'],
  ]);
  expect(() => readJobRequest('front-and-back', body)).toThrow('Expected secrets to be');
  expect(() => readJobRequest('front-and-back', body)).not.toThrow('AIza');
});

test('a file that is not needed may be missing', async () => {
  expect((await send([['file', file('photo')]])).files).toEqual({ file: 'photo' });
});

test.each<[string, [string, string | Blob][], string]>([
  [
    'the needed file is missing',
    [['backdrop', file('sky')]],
    'Expected file to be a picture but received nothing',
  ],
  [
    'a file and its address',
    [
      ['file', file('photo')],
      ['backdrop', file('sky')],
      ['backdrop_url', 'https://x/'],
    ],
    'Expected backdrop_url to be left out when a file is sent',
  ],
  [
    'a file twice',
    [
      ['file', file('photo')],
      ['file', file('photo')],
    ],
    'Expected file to be given once',
  ],
  [
    'an unknown file',
    [['photo', file('x')]],
    'Expected the picture to be in the form field file or backdrop',
  ],
  [
    'a field twice',
    [
      ['mode', 'mask'],
      ['mode', 'mask'],
    ],
    'Expected mode to be given once',
  ],
])('%s', async (_, fields, message) => {
  const error = { code: 'INVALID_PARAMETER', message: expect.stringContaining(message) };
  expect(await send(fields)).toMatchObject(error);
});

test('no file is longer than its limit', async () => {
  expect(await send([['file', file('x'.repeat(1001))]])).toMatchObject({ code: 'TOO_LARGE' });
  expect((await send([['file', file('x'.repeat(1000))]])).files.file).toHaveLength(1000);
});
