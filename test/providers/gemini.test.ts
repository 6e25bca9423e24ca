import { inspect } from 'node:util';
import { editPicture } from '../../lib/providers';
import { type Gemini, echo, failure, json, picture, startGemini } from '../support/gemini';

const KEY = 'AIza-very-secret-0123';
const jpeg = Buffer.from('a jpeg, as far as anybody looks');
let gemini: Gemini;

beforeAll(async () => {
  gemini = await startGemini();
});
beforeEach(() => gemini.asked.splice(0));

function edit(changes: Partial<Parameters<typeof editPicture>[1]> = {}, longerSide = 1500) {
  return editPicture(
    { data: jpeg, mimeType: 'image/jpeg', longerSide },
    {
      key: KEY,
      url: gemini.url,
      model: 'gemini-3.1-flash-image',
      prompt: 'Take the price tag off.',
      allowHosts: ['127.0.0.1'],
      signal: new AbortController().signal,
      ...changes,
    },
  );
}

/** What a failed edit throws; nothing in it, however deep, may hold the key. */
async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'VitrineError', hint: expect.stringMatching(/\w{3,}/) });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
  return error;
}

test('sends prompt, picture and key where they belong, and takes the picture of the answer', async () => {
  gemini.script = [picture(Buffer.from('cleaned'))];
  expect(String(await edit())).toBe('cleaned');
  const [{ path, key, body }] = gemini.asked;
  expect(path).toBe('/v1beta/models/gemini-3.1-flash-image:generateContent');
  expect(key).toBe(KEY);
  expect(body).toEqual({
    contents: [
      {
        role: 'user',
        parts: [
          { text: 'Take the price tag off.' },
          { inlineData: { mimeType: 'image/jpeg', data: jpeg.toString('base64') } },
        ],
      },
    ],
    generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { imageSize: '2K' } },
  });
});

test.each([
  [900, '1K'],
  [1025, '2K'],
  [3072, '4K'],
])('a picture of %i pixels asks for %s', async (side, imageSize) => {
  gemini.script = [echo];
  await edit({}, side);
  expect(gemini.asked[0].body.generationConfig).toMatchObject({ imageConfig: { imageSize } });
});

const badKey = [{ '@type': 'ErrorInfo', reason: 'API_KEY_INVALID' }];

test.each([
  [400, 'API key not valid.', badKey, 'PROVIDER_DENIED', /API key not valid/],
  [401, 'No credentials.', [], 'PROVIDER_DENIED', /No credentials/],
  [403, `The key ${KEY} is blocked.`, [], 'PROVIDER_DENIED', /The key \*\*\* is blocked/],
  [404, 'models/x is not found', [], 'PROVIDER_REJECTED', /no model gemini-3.1-flash-image/],
  [400, 'Unable to process input image', [], 'PROVIDER_REJECTED', /Unable to process input image/],
  [413, 'Too large', [], 'PROVIDER_REJECTED', /413/],
])('%i %s is not tried again', async (status, message, details, code, words) => {
  gemini.script = [failure(status, message, details)];
  const error = await failureOf(edit());
  expect(error.code).toBe(code);
  expect(error.message).toMatch(words);
  expect(gemini.asked).toHaveLength(1);
});

test.each([429, 408, 500, 502, 503, 504])('%i passes: the second answer counts', async (status) => {
  gemini.script = [failure(status, 'Later', [], { 'retry-after': '0' }), picture(Buffer.from('cleaned'))];
  expect(String(await edit())).toBe('cleaned');
  expect(gemini.asked).toHaveLength(2);
});

test.each([
  [503, 'PROVIDER_FAILED', /could not do it \(503\): Overloaded/],
  [429, 'PROVIDER_BUSY', /\(429\): Overloaded/],
])('%i without end is given up after four requests', async (status, code, words) => {
  gemini.script = [failure(status, 'Overloaded', [{ retryDelay: '0.01s' }])];
  const error = await failureOf(edit());
  expect(error.code).toBe(code);
  expect(error.message).toMatch(words);
  expect(gemini.asked).toHaveLength(4);
});

test.each([
  ['Retry-After', failure(429, 'Quota', [], { 'retry-after': '3600' })],
  ['RetryInfo', failure(429, 'Quota', [{ '@type': 'RetryInfo', retryDelay: '3599.5s' }])],
])('a long %s is handed on instead of waited for', async (_, reply) => {
  gemini.script = [reply];
  const error = await failureOf(edit());
  expect(error).toMatchObject({ code: 'PROVIDER_BUSY', retryAfter: 3600 });
  expect(error.hint).toContain('3600 s');
  expect(gemini.asked).toHaveLength(1);
});

test('a wait without end is handed on as a day: no number of JSON is infinite', async () => {
  gemini.script = [failure(429, 'Quota', [{ retryDelay: '1e999s' }])];
  expect(await failureOf(edit())).toMatchObject({ code: 'PROVIDER_BUSY', retryAfter: 86_400 });
});

test.each([
  [{ promptFeedback: { blockReason: 'SAFETY' } }, /safety filter stopped it \(SAFETY\)/],
  [{ candidates: [{ finishReason: 'IMAGE_SAFETY' }] }, /safety filter stopped the picture/],
  [{ candidates: [{ finishReason: 'NO_IMAGE', content: {} }] }, /made no picture/],
  [{ candidates: [{ finishReason: 'SOMETHING_NEW' }] }, /ended with SOMETHING_NEW/],
  [{ candidates: [{ finishReason: KEY }] }, /words only/],
  [{ promptFeedback: { blockReason: 'constructor' } }, /words only/],
  [{ candidates: [{ finishReason: 'STOP', content: { parts: [{ text: 'No.' }] } }] }, /words only/],
  [{ candidates: [] }, /words only/],
  [{ candidates: 'odd', promptFeedback: 7 }, /words only/],
  [{}, /words only/],
])('%j: no picture, and the reason', async (body, reason) => {
  gemini.script = [json(body)];
  const error = await failureOf(edit());
  expect(error.code).toBe('PROVIDER_REJECTED');
  expect(error.message).toMatch(reason);
});

test.each<[string, Gemini['script'][0], RegExp]>([
  ['text', (response) => response.end('<html>'), /something else than JSON/],
  ['an empty picture', picture(Buffer.alloc(0)), /empty picture/],
  [
    'more than anybody wants',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const flood = () => {
        while (!response.destroyed && response.write(Buffer.alloc(4e6, 32)));
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    },
    /more than 64 MB/,
  ],
  [
    'a way to somewhere else',
    (response) => response.writeHead(302, { location: 'https://example.com/' }).end(),
    /points elsewhere/,
  ],
])('an answer with %s', async (_, reply, words) => {
  gemini.script = [reply];
  const error = await failureOf(edit());
  expect(error.code).toBe('PROVIDER_FAILED');
  expect(error.message).toMatch(words);
  expect(gemini.asked).toHaveLength(1);
});

test('a connection that breaks is made again', async () => {
  gemini.script = [(response) => response.destroy(), picture(Buffer.from('cleaned'))];
  expect(String(await edit())).toBe('cleaned');
});

test.each(['two words', 'line\nend', 'schlüssel', ''])('the key %j is sent nowhere', async (key) => {
  await expect(edit({ key })).rejects.toMatchObject({ code: 'PROVIDER_DENIED' });
  expect(gemini.asked).toEqual([]);
});

test('an address inside is reached only where it is allowed', async () => {
  expect((await failureOf(edit({ allowHosts: [] }))).code).toBe('ADDRESS_BLOCKED');
  expect(gemini.asked).toEqual([]);
});

test.each([
  ['while it works', () => undefined],
  ['while it waits', failure(503, 'Later', [], { 'retry-after': '20' })],
])('hanging up %s ends it at once', async (_, reply) => {
  gemini.script = [reply];
  const stop = new AbortController();
  const work = failureOf(edit({ signal: stop.signal }));
  setTimeout(() => stop.abort(), 100);
  expect((await work).code).toBe('CANCELLED');
});
