import { inspect } from 'node:util';
import { generateWithGemini, geminiScene } from '../../lib/providers';
import { type Gemini, failure, json, picture, startGemini } from '../support/gemini';

/** Scenes by Gemini; what an edit has in common with them is shown in gemini.test.ts. */
const KEY = 'AIza-very-secret-0123';
const MODEL = 'gemini-3.1-flash-image';
const wish = {
  model: MODEL,
  prompt: 'a kitchen.',
  negativePrompt: 'people',
  seed: 7,
  ...{ width: 1600, height: 900 },
};
const made = picture(Buffer.from('a picture'));
let gemini: Gemini;

beforeAll(async () => {
  gemini = await startGemini();
});
beforeEach(() => gemini.asked.splice(0));

function generate(changes: Partial<typeof wish> = {}, named = false) {
  const access = {
    key: KEY,
    url: gemini.url,
    allowHosts: ['127.0.0.1'],
    signal: new AbortController().signal,
  };
  return generateWithGemini(geminiScene({ ...wish, ...changes }), access, named);
}

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'VitrineError', hint: expect.stringMatching(/\w{3,}/) });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
  return error;
}

const configs = () => gemini.asked.map(({ body }) => body.generationConfig);

test('a prompt, a shape, a size and a seed are sent, and no picture', async () => {
  gemini.script = [made];
  const result = await generate();
  expect(result).toEqual({ picture: Buffer.from('a picture'), model: MODEL, warnings: [] });
  expect(gemini.asked).toEqual([
    {
      ...{ method: 'POST', path: `/v1beta/models/${MODEL}:generateContent`, key: KEY },
      body: {
        contents: [
          {
            role: 'user',
            parts: [{ text: 'Make one photograph. a kitchen. Show none of these: people.' }],
          },
        ],
        generationConfig: {
          responseModalities: ['TEXT', 'IMAGE'],
          imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
          seed: 7,
        },
      },
    },
  ]);
});

test.each([
  [1000, 1000, '1:1', '1K'],
  [3000, 4000, '3:4', '4K'],
  [1080, 1920, '9:16', '2K'],
  [900, 100, '21:9', '1K'],
  [1440, 1000, '3:2', '2K'],
])('a frame of %i x %i asks for %s in %s', async (width, height, aspectRatio, imageSize) => {
  expect(geminiScene({ ...wish, width, height }).settings).toMatchObject({ aspectRatio, imageSize });
});

test('a seed is signed there', () => {
  expect(geminiScene({ ...wish, seed: 0xffffffff }).settings.seed).toBe(0x7fffffff);
});

test.each([
  ['Unknown name "imageSize" at generation_config', { aspectRatio: '16:9' }, true],
  ['Invalid value at image_config.image_size', { aspectRatio: '16:9' }, true],
  ['seed is not supported by this model', { aspectRatio: '16:9', imageSize: '2K' }, false],
])('%s: asked again without it', async (words, imageConfig, seeded) => {
  gemini.script = [failure(400, words), made];
  expect((await generate()).warnings).toEqual([]);
  expect(configs()).toHaveLength(2);
  expect(configs()[1]).toEqual({
    ...{ responseModalities: ['TEXT', 'IMAGE'], imageConfig },
    ...(seeded && { seed: 7 }),
  });
});

test('an aspect ratio that is refused is told', async () => {
  gemini.script = [failure(400, 'imageSize is unknown'), failure(400, 'aspectRatio is unknown'), made];
  expect((await generate()).warnings).toEqual([expect.stringContaining('takes no aspect ratio')]);
  expect(configs()[2]).toEqual({ responseModalities: ['TEXT', 'IMAGE'], seed: 7 });
});

test('another refusal is final', async () => {
  gemini.script = [failure(400, 'The prompt is in a bad mood')];
  expect((await failureOf(generate())).code).toBe('PROVIDER_REJECTED');
  expect(gemini.asked).toHaveLength(1);
});

test('the picture is found in whatever part of whatever candidate has it', async () => {
  const part = { inlineData: { mimeType: 'image/png', data: Buffer.from('third').toString('base64') } };
  gemini.script = [
    json({
      candidates: [
        { content: { parts: [{ text: 'a' }, null] } },
        { content: { parts: [{ text: 'b' }, part] } },
      ],
    }),
  ];
  expect(String((await generate()).picture)).toBe('third');
});

test.each(['NO_IMAGE', 'IMAGE_SAFETY', 'IMAGE_RECITATION', 'IMAGE_OTHER', 'MODEL_ARMOR', 'MAX_TOKENS'])(
  'without a picture %s is the reason',
  async (finishReason) => {
    gemini.script = [json({ candidates: [{ finishReason, content: {} }] })];
    const { code, message } = await failureOf(generate());
    expect([code, message]).toEqual(['PROVIDER_REJECTED', expect.stringContaining(`(${finishReason})`)]);
    expect(gemini.asked).toHaveLength(1);
  },
);

test.each([
  [failure(429, 'Quota exceeded for metric: x, limit: 0, model: y. Please retry in 7s.')],
  [
    failure(429, 'Quota exceeded', [
      { violations: [{ quotaMetric: 'x', quotaValue: '0' }] },
      { retryDelay: '0s' },
    ]),
  ],
])('a quota of nothing fails at once', async (reply) => {
  gemini.script = [reply];
  const { code, message, hint } = await failureOf(generate());
  expect([code, message]).toEqual(['PROVIDER_REJECTED', expect.stringContaining('no quota')]);
  expect(hint).toContain('billing');
  expect(gemini.asked).toHaveLength(1);
});

test('a quota that is used up for now is waited for', async () => {
  gemini.script = [failure(429, 'Quota exceeded, limit: 10', [{ retryDelay: '0.01s' }]), made];
  await generate();
  expect(gemini.asked).toHaveLength(2);
});

const list = json({
  models: [
    { name: 'models/gemini-9-text', supportedGenerationMethods: ['generateContent'] },
    { name: 'models/imagen-9', supportedGenerationMethods: ['predict'] },
    { name: 'models/gemini-9-pro-image', supportedGenerationMethods: ['generateContent'] },
    { name: 'models/gemini-9-flash-image', supportedGenerationMethods: ['generateContent'] },
    null,
  ],
});

test('where the usual model was shut down, one of the live list takes over, and it is told', async () => {
  gemini.script = [failure(404, 'gone'), list, made];
  const { model, warnings } = await generate();
  expect(model).toBe('gemini-9-flash-image');
  expect(warnings).toEqual([expect.stringMatching(/no model gemini-3.1-flash-image any more.+GEMINI_MODEL/)]);
  expect(gemini.asked.map(({ path }) => path)).toEqual([
    `/v1beta/models/${MODEL}:generateContent`,
    '/v1beta/models?pageSize=1000',
    '/v1beta/models/gemini-9-flash-image:generateContent',
  ]);
});

test('a model that the job named is not exchanged', async () => {
  gemini.script = [failure(404, 'gone')];
  expect((await failureOf(generate({}, true))).message).toContain(`no model ${MODEL}`);
  expect(gemini.asked).toHaveLength(1);
});

test('without any model that makes pictures, the loss is told', async () => {
  gemini.script = [failure(404, 'gone'), json({ models: [] })];
  expect((await failureOf(generate())).message).toContain(`no model ${MODEL}`);
});
