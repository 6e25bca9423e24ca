import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { generateWithRunway, runwayScene } from '../../lib/providers';
import {
  type Runway,
  type RunwayReply,
  answer,
  begun,
  startRunway,
  succeeded,
  task,
} from '../support/runway';
import { tempFolder } from '../support/temp';

const KEY = 'key_very-secret-0123456789';
const folder = tempFolder();
const file = join(folder, 'scene');
const wish = {
  model: 'gen4_image',
  prompt: 'a kitchen',
  negativePrompt: 'people',
  seed: 7,
  ...{ width: 1200, height: 900 },
};
let runway: Runway;
/** What was told on the way, and what went wrong beside it. */
const told: [string, number][] = [];
const defects: unknown[] = [];

beforeAll(async () => {
  runway = await startRunway(Buffer.from('a picture'));
});
beforeEach(() => {
  told.splice(0);
  defects.splice(0);
  runway.asked.splice(0);
  runway.begin = [begun()];
  runway.look = [succeeded(runway)];
  runway.picture = (response) => response.writeHead(200, { 'content-type': 'image/png' }).end('a picture');
});

function generate(changes: Partial<Parameters<typeof generateWithRunway>[1]> = {}) {
  return generateWithRunway(runwayScene(wish), {
    ...{ key: KEY, url: runway.url, file, allowHosts: ['127.0.0.1'] },
    signal: new AbortController().signal,
    onProgress: (message, fraction) => told.push([message, fraction]),
    onDefect: (error) => defects.push(error),
    pollSeconds: 0.01,
    ...changes,
  });
}

/** What a failed scene throws; nothing in it, however deep, may hold the key or a signed address. */
async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'VitrineError', hint: expect.stringMatching(/\w{3,}/) });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/very-secret|signed-and-secret/);
  return error;
}

const requests = (method: string) => runway.asked.filter((asked) => asked.method === method);

test('a task is begun, followed and fetched; the key goes to the API only', async () => {
  runway.look = [
    task({ status: 'PENDING' }),
    task({ status: 'THROTTLED' }),
    task({ status: 'RUNNING', progress: 0.42 }),
    succeeded(runway),
  ];
  expect(await generate()).toEqual({ model: 'gen4_image', cost: { credits: 8 } });
  expect(readFileSync(file, 'utf8')).toBe('a picture');
  expect(runway.asked[0]).toMatchObject({
    ...{ method: 'POST', path: '/v1/text_to_image', authorization: `Bearer ${KEY}`, version: '2024-11-06' },
    body: { model: 'gen4_image', promptText: 'a kitchen Without: people.', ratio: '1440:1080', seed: 7 },
  });
  const picture = runway.asked.at(-1)!;
  expect(picture).toMatchObject({ path: expect.stringContaining('/picture.png'), authorization: undefined });
  expect(told).toEqual([
    ['Runway: queued (gen4_image, about 5 credits)', 0],
    ['Runway: queued (gen4_image, about 5 credits)', 0],
    ['Runway: queued behind other tasks of this key (gen4_image, about 5 credits)', 0],
    ['Runway: at work, 42 % (gen4_image, about 5 credits)', 0.42],
  ]);
  expect(runway.cancelled()).toBe(false);
});

test('a task is looked at every five seconds at most', async () => {
  const stop = new AbortController();
  const work = failureOf(generate({ pollSeconds: undefined, signal: stop.signal }));
  // Long enough for many looks, were they not held back.
  setTimeout(() => stop.abort(), 1500);
  await work;
  expect(requests('GET')).toEqual([]);
});

test('what it said before counts where it does not say what a scene cost', async () => {
  runway.look = [succeeded(runway, null)];
  expect(await generate()).toEqual({ model: 'gen4_image', cost: { credits: 5 } });
});

describe('what is sent', () => {
  test.each([
    [1000, 1000, '1024:1024'],
    [700, 700, '720:720'],
    [5000, 5000, '1080:1080'],
    [1600, 900, '1920:1080'],
    [1200, 675, '1280:720'],
    [600, 800, '720:960'],
    [3000, 1000, '2112:912'],
  ])('a frame of %i x %i asks for %s', (width, height, ratio) => {
    const near = runwayScene({ ...wish, width, height }).ratio;
    expect(near).toBe(ratio);
  });

  test('a prompt has 1000 UTF-16 units at most', () => {
    const fits = '😀'.repeat(500);
    expect(runwayScene({ ...wish, prompt: fits }).promptText).toBe(fits);
    expect(() => runwayScene({ ...wish, prompt: `${fits}!` })).toThrow(/at most 1000 .+ "1001 characters"/);
    expect(() => runwayScene({ ...wish, prompt: ' ' })).toThrow(/at most 1000/);
  });

  test('a model that takes no seed is sent none; one that needs pictures is refused', () => {
    const model = 'gemini_image3.1_flash';
    expect(runwayScene({ ...wish, model })).toEqual({
      ...{ model, ratio: '2400:1792', promptText: 'a kitchen Without: people.' },
    });
    for (const other of ['gen4_image_turbo', 'constructor'])
      expect(() => runwayScene({ ...wish, model: other })).toThrow(/one of gen4_image, .+ received/);
  });
});

test.each([
  [400, 'Invalid ratio', 'PROVIDER_REJECTED', /Invalid ratio/],
  [401, `The key ${KEY} is unknown`, 'PROVIDER_DENIED', /The key \*\*\* is unknown/],
  [402, 'Not enough credits', 'PROVIDER_REJECTED', /no credits left.+Not enough credits/],
  [404, 'No such version', 'PROVIDER_REJECTED', /No such version/],
  [405, 'No such method', 'PROVIDER_REJECTED', /No such method/],
  [500, 'Broken', 'PROVIDER_FAILED', /Broken/],
])('%i %s is not tried again', async (status, error, code, words) => {
  runway.begin = [answer({ error }, status)];
  const failure = await failureOf(generate());
  expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)]);
  expect(runway.asked).toHaveLength(1);
});

test.each([429, 502, 503, 504])('%i passes, as long as Retry-After says', async (status) => {
  runway.begin = [answer({ error: 'Later' }, status, { 'retry-after': '0' }), begun()];
  await generate();
  expect(requests('POST')).toHaveLength(2);
});

test('a wait that is too long is handed on', async () => {
  runway.begin = [answer({ error: 'Daily limit' }, 429, { 'retry-after': '3600' })];
  expect(await failureOf(generate())).toMatchObject({ code: 'PROVIDER_BUSY', retryAfter: 3600 });
  expect(runway.asked).toHaveLength(1);
});

test.each<[string, RunwayReply, RegExp]>([
  ['breaks off', (response) => response.destroy(), /may have begun the scene/],
  ['is no JSON', (response) => response.end('<html>'), /something else than JSON/],
  ['has no id', answer({}), /no id/],
  [
    'leads elsewhere',
    (response) => response.writeHead(302, { location: 'https://x.example' }).end(),
    /elsewhere/,
  ],
])('a beginning that %s is not made twice', async (_, reply, words) => {
  runway.begin = [reply];
  expect((await failureOf(generate())).message).toMatch(words);
  expect(requests('POST')).toHaveLength(1);
});

test('a beginning that is not answered in time is not made twice, a look is taken again', async () => {
  runway.begin = [() => undefined];
  const late = await failureOf(generate({ timeoutSeconds: 0.3 }));
  expect(late.message).toMatch(/did not answer within 0.3 s; it may have begun/);
  expect(requests('POST')).toHaveLength(1);

  runway.begin = [begun()];
  runway.look = [() => undefined, succeeded(runway)];
  await generate({ timeoutSeconds: 0.3 });
  expect(readFileSync(file, 'utf8')).toBe('a picture');
});

test('a look that breaks off, or is refused for now, is taken again', async () => {
  runway.look = [
    (response) => response.destroy(),
    answer({ error: 'Later' }, 503, { 'retry-after': '0' }),
    succeeded(runway),
  ];
  await generate();
  expect(requests('GET')).toHaveLength(4);
});

test.each([
  [
    'SAFETY.INPUT.TEXT',
    'PROVIDER_REJECTED',
    /moderation stopped the scene: Not like this \(SAFETY.INPUT.TEXT\)/,
  ],
  ['SAFETY.OUTPUT.IMAGE', 'PROVIDER_REJECTED', /moderation/],
  ['INPUT_PREPROCESSING.INTERNAL', 'PROVIDER_REJECTED', /could not use the request/],
  ['INTERNAL.BAD_OUTPUT.CODE01', 'PROVIDER_FAILED', /could not make the scene/],
  [KEY, 'PROVIDER_FAILED', /could not make the scene: Not like this$/],
])('a task that failed with %s is not begun again', async (failureCode, code, words) => {
  runway.look = [task({ status: 'FAILED', failure: 'Not like this', failureCode })];
  const failure = await failureOf(generate());
  expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)]);
  expect(requests('POST')).toHaveLength(1);
  expect(runway.cancelled()).toBe(false);
});

test.each([
  [{ status: 'CANCELLED' }, /cancelled at Runway/],
  [{ status: 'SUCCEEDED' }, /no address/],
  [{ status: 'SUCCEEDED', output: ['file:///etc/passwd'] }, /no address/],
])('%j', async (fields, words) => {
  runway.look = [task(fields)];
  expect((await failureOf(generate())).message).toMatch(words);
});

test.each([403, 404, 410])('an expired address (%i) is said to be that', async (status) => {
  runway.picture = (response) => response.writeHead(status).end('<Error/>');
  const { code, message, hint } = await failureOf(generate());
  expect([code, message]).toEqual(['PROVIDER_FAILED', expect.stringMatching(/has expired/)]);
  expect(hint).toContain('24 to 48 hours');
  expect(requests('GET').filter(({ path }) => path.startsWith('/picture'))).toHaveLength(1);
});

test('a picture that breaks off is fetched again', async () => {
  const whole = runway.picture;
  runway.picture = (response, asked) => {
    runway.picture = whole;
    response.writeHead(200, { 'content-length': '100' }).write('a pic');
    setTimeout(() => response.destroy(), 50);
    void asked;
  };
  await generate();
  expect(readFileSync(file, 'utf8')).toBe('a picture');
});

test('a cancelled job cancels its task', async () => {
  runway.look = [task({ status: 'RUNNING', progress: 0.1 })];
  const stop = new AbortController();
  const work = failureOf(
    generate({ signal: stop.signal, onProgress: (_, fraction) => fraction && stop.abort() }),
  );
  expect((await work).code).toBe('CANCELLED');
  expect(runway.cancelled()).toBe(true);
  expect(defects).toEqual([]);
});

test('one that is cancelled while its task begins cancels it as soon as it knows of it', async () => {
  const stop = new AbortController();
  runway.begin = [
    (response, asked) => {
      stop.abort();
      setTimeout(() => begun()(response, asked), 100);
    },
  ];
  expect((await failureOf(generate({ signal: stop.signal }))).code).toBe('CANCELLED');
  expect(runway.cancelled()).toBe(true);
});

test('one that is cancelled while Runway is busy ends at once', async () => {
  runway.begin = [answer({ error: 'Later' }, 429, { 'retry-after': '20' })];
  const stop = new AbortController();
  const work = failureOf(generate({ signal: stop.signal }));
  setTimeout(() => stop.abort(), 200);
  expect((await work).code).toBe('CANCELLED');
  expect(requests('DELETE')).toEqual([]);
});

test('a task that cannot be followed any more is cancelled', async () => {
  runway.look = [answer({ error: 'Who are you?' }, 401)];
  expect((await failureOf(generate())).code).toBe('PROVIDER_DENIED');
  expect(runway.cancelled()).toBe(true);
});

test.each(['two words', 'line\nend', 'schlüssel', ''])('the key %j is sent nowhere', async (key) => {
  expect((await failureOf(generate({ key }))).code).toBe('PROVIDER_DENIED');
  expect(runway.asked).toEqual([]);
});

test('an address inside is reached only where it is allowed', async () => {
  expect((await failureOf(generate({ allowHosts: [] }))).code).toBe('ADDRESS_BLOCKED');
  expect(runway.asked).toEqual([]);
});
