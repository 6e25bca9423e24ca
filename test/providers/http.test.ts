import { mkdirSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { VitrineError, cancelled } from '../../lib/contracts';
import { type ServiceFailure, type ServiceRequest, callService } from '../../lib/providers';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** What every service elsewhere is asked with: a server of the test's own plays the service. */
const KEY = 'sk-very/secret+0123';
const folder = tempFolder();
let asked: { url: string; method: string; headers: IncomingHttpHeaders; body: string }[] = [];
let script: RequestListener[] = [];
let service: string;
let other: string;

const play: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    asked.push({ url: request.url!, method: request.method!, headers: request.headers, body });
    (script.length > 1 ? script.shift()! : script[0])(request, response);
  });
};

beforeAll(async () => {
  service = await listen(play);
  other = await listen(play);
});
beforeEach(() => {
  asked = [];
});

const say =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

const request = (changes: Partial<ServiceRequest> = {}): ServiceRequest => ({
  url: `${service}/v1/x?key=${encodeURIComponent(KEY)}`,
  headers: { 'x-key': KEY },
  hide: [KEY],
  allowHosts: ['127.0.0.1'],
  timeoutSeconds: 5,
  attempts: 3,
  maxBytes: 1000,
  signal: new AbortController().signal,
  ...changes,
});

/** The failure of a call; nothing in what it throws may hold the key. */
async function failureOf(changes: Partial<ServiceRequest> = {}): Promise<ServiceFailure> {
  let told: ServiceFailure | undefined;
  const call = callService(request(changes), (failure) => {
    told = failure;
    return new VitrineError({ code: 'PROVIDER_FAILED', message: 'no', hint: 'no' });
  });
  const thrown = await call.catch((error) => error);
  expect(thrown).toMatchObject({ code: 'PROVIDER_FAILED' });
  expect(inspect(thrown, { depth: 20, showHidden: true })).not.toContain('secret');
  return told!;
}

const fail = (failure: ServiceFailure) => {
  throw new Error(`Unexpected: ${failure.kind}`);
};

test('sends what it is given and brings the answer', async () => {
  script = [say(201, 'fine')];
  const answer = await callService(request({ method: 'POST', json: { a: 1 } }), fail);
  expect([answer.status, String(answer.body)]).toEqual([201, 'fine']);
  expect(asked).toEqual([
    expect.objectContaining({
      method: 'POST',
      body: '{"a":1}',
      headers: expect.objectContaining({ 'x-key': KEY, 'user-agent': 'vitrine' }),
    }),
  ]);
});

test.each([408, 425, 429, 500, 503, 522])('%i passes', async (status) => {
  script = [say(status, '', { 'retry-after': '0' }), say(200, 'fine')];
  expect(String((await callService(request(), fail)).body)).toBe('fine');
  expect(asked).toHaveLength(2);
});

test.each([400, 401, 403, 404, 409, 422, 501])('%i does not', async (status) => {
  script = [say(status)];
  expect(await failureOf()).toMatchObject({ kind: 'refused', status });
  expect(asked).toHaveLength(1);
});

test('what may pass is asked for as often as allowed, and no more', async () => {
  script = [say(503, '', { 'retry-after': '0' })];
  expect(await failureOf({ attempts: 3 })).toMatchObject({ kind: 'refused', status: 503 });
  expect(asked).toHaveLength(3);
  expect(await failureOf({ attempts: 1 })).toMatchObject({ kind: 'refused', status: 503 });
  expect(asked).toHaveLength(4);
});

test('a Retry-After that is a date is waited for', async () => {
  const date = new Date(Date.now() + 1500).toUTCString();
  script = [say(429, '', { 'retry-after': date }), say(200, 'fine')];
  await callService(request(), fail);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(date));
});

test.each([
  [{ 'retry-after': '31' }, undefined, 31],
  [{ 'retry-after': '9999999' }, undefined, 86_400],
  [{}, () => Infinity, 86_400],
])('a long wait is handed on: %j', async (headers, retryAfterOf, retryAfter) => {
  script = [say(429, {}, headers as Record<string, string>)];
  expect(await failureOf({ retryAfterOf })).toMatchObject({ kind: 'refused', retryAfter });
  expect(asked).toHaveLength(1);
});

test.each([
  ['as Google does', { error: { message: `The key ${KEY} is bad` } }, 'The key *** is bad'],
  ['as Runway does', { error: `Bad key ${encodeURIComponent(KEY)}` }, 'Bad key ***'],
  ['as Supabase does', { message: 'No such bucket' }, 'No such bucket'],
  ['with an address', { message: 'See https://u:p@h/x?token=secret' }, 'See https://…@h/x?…'],
  ['with escapes', { message: 'a\u001b[31mb\r\nc' }, 'a [31mb  c'],
  ['at length', { message: 'x'.repeat(5000) }, 'x'.repeat(300)],
  ['with a number', { error: 7 }, undefined],
  ['with a page', '<html>secret</html>', undefined],
  ['with nothing', '', undefined],
  ['with null', 'null', undefined],
])('a refusal %s', async (_, body, words) => {
  script = [say(400, body)];
  const failure = await failureOf();
  expect(failure).toMatchObject({ kind: 'refused' });
  expect((failure as { words?: string }).words).toBe(words);
});

test('a refusal without end is read to a point only', async () => {
  script = [
    (_, response) => {
      response.writeHead(400);
      const flood = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1e6, 32)));
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    },
  ];
  expect(await failureOf()).toMatchObject({ kind: 'refused', status: 400 });
});

test.each([
  ['sent', (size: number): RequestListener => say(200, 'x'.repeat(size))],
  [
    'unpacked',
    (size: number): RequestListener =>
      (_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(size))),
  ],
])('an answer has at most as many bytes as allowed, %s', async (_, answer) => {
  script = [answer(1000)];
  expect((await callService(request(), fail)).body).toHaveLength(1000);
  script = [answer(1001)];
  expect(await failureOf()).toEqual({ kind: 'large', maxBytes: 1000 });
  expect(await failureOf({ file: join(folder, 'large') })).toEqual({ kind: 'large', maxBytes: 1000 });
});

test('an answer goes into a file, anew with each attempt', async () => {
  const cut: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('x'.repeat(50));
    setTimeout(() => response.destroy(), 50);
  };
  script = [cut, say(200, 'whole')];
  const file = join(folder, 'answer');
  expect((await callService(request({ file }), fail)).body).toHaveLength(0);
  expect(String(readFileSync(file))).toBe('whole');
});

test('a file that cannot be written is the disk’s fault, not the service’s', async () => {
  mkdirSync(join(folder, 'taken'));
  script = [say(200, 'fine')];
  const call = callService(request({ file: join(folder, 'taken') }), fail);
  await expect(call).rejects.toMatchObject({ code: 'EISDIR' });
  expect(asked).toHaveLength(1);
});

test('a connection that breaks is made again, and named when it stays so', async () => {
  script = [(_, response) => response.destroy()];
  expect(await failureOf({ attempts: 2 })).toMatchObject({
    kind: 'broken',
    reason: 'the connection broke (ECONNRESET)',
  });
  expect(asked).toHaveLength(2);
});

test.each([
  ['says nothing', () => undefined],
  ['does not end', (_: unknown, response) => response.writeHead(200).write('x')],
] as [string, RequestListener][])('a service that %s is given up in time', async (_, reply) => {
  script = [reply];
  expect(await failureOf({ timeoutSeconds: 0.3 })).toEqual({ kind: 'late', seconds: 0.3 });
  expect(asked).toHaveLength(1);
});

describe('redirects', () => {
  const to = (location: string) => say(302, '', { location });

  test('none is followed unless allowed', async () => {
    script = [to(`${other}/y`)];
    expect(await failureOf()).toEqual({ kind: 'redirected', status: 302 });
    expect(asked).toHaveLength(1);
  });

  test('a key stays with the host that it was meant for', async () => {
    script = [to('/here'), to(`${other}/there`), say(200, 'fine')];
    const headers = { 'X-Key': KEY, Authorization: `Bearer ${KEY}` };
    expect(String((await callService(request({ headers, maxRedirects: 2 }), fail)).body)).toBe('fine');
    expect(asked.map(({ url }) => url.split('?')[0])).toEqual(['/v1/x', '/here', '/there']);
    expect(asked[1].headers['x-key']).toBe(KEY);
    expect(JSON.stringify(asked[2].headers)).not.toContain('secret');
  });

  test.each(['http://169.254.169.254/latest', 'http://[::1]:1/', 'http://[::ffff:10.0.0.1]/', 'http://0/'])(
    'not to %s',
    async (location) => {
      script = [to(location)];
      expect(await failureOf({ maxRedirects: 2 })).toEqual({ kind: 'blocked' });
    },
  );

  test.each(['file:///etc/passwd', 'gopher://127.0.0.1/'])('not to %s', async (location) => {
    script = [to(location)];
    expect(await failureOf({ maxRedirects: 2, attempts: 1 })).toMatchObject({ kind: 'broken' });
  });

  test('not for ever', async () => {
    script = [to('/v1/x')];
    expect(await failureOf({ maxRedirects: 2 })).toMatchObject({ kind: 'broken' });
    expect(asked).toHaveLength(3);
  });
});

test.each(['http://10.0.0.1', 'http://127.1', 'http://0x7f.1', 'http://[::1]', 'http://[64:ff9b::a00:1]'])(
  '%s is no public address',
  async (url) => expect(await failureOf({ url, allowHosts: [] })).toEqual({ kind: 'blocked' }),
);

test('a host is allowed by name in any case, and by network', async () => {
  script = [say(200, 'fine')];
  const local = service.replace('127.0.0.1', 'LocalHost');
  for (const allowHosts of [['LOCALHOST'], ['127.0.0.0/8', '::1']])
    expect((await callService(request({ url: local, allowHosts }), fail)).status).toBe(200);
});

test.each([
  ['while it works', () => undefined],
  ['while it sends', (_: unknown, response) => response.writeHead(200).write('x')],
  ['while it waits', say(503, '', { 'retry-after': '20' })],
] as [string, RequestListener][])('hanging up %s ends it at once', async (_, reply) => {
  script = [reply];
  const stop = new AbortController();
  const call = callService(request({ signal: stop.signal }), fail);
  setTimeout(() => stop.abort(cancelled()), 100);
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
});
