import { mkdirSync, openAsBlob, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type TestEngine, post, startEngine, waitFor } from '../support/engine';
import { type Gemini, picture, startGemini } from '../support/gemini';
import { pixelAt, writePackshot } from '../support/pictures';
import { scenePicture } from '../support/scenes';
import { tempFolder } from '../support/temp';
import { type Runway, answer, startRunway, succeeded, task } from '../support/runway';

/** Scenes that Runway and Gemini make, from the request to the pixels, against stand-ins for both. */
const RUNWAY_KEY = 'key_very-secret-0123456789';
const GEMINI_KEY = 'AIza-very-secret-0123';
const folder = tempFolder();
let engine: TestEngine;
let gemini: Gemini;
let runway: Runway;
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'product_image.jpg');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
  const scene = await scenePicture();
  gemini = await startGemini();
  gemini.script = [picture(scene)];
  runway = await startRunway(scene);
  engine = await startEngine(folder, { VITRINE_GEMINI_URL: gemini.url, VITRINE_RUNWAY_URL: runway.url });
});
afterAll(() => engine.stop());
beforeEach(() => {
  gemini.asked.splice(0);
  runway.asked.splice(0);
});
afterEach(() => {
  expect(engine.tempFiles()).toEqual([]);
  const logs = readdirSync(join(folder, 'logs')).map((name) =>
    readFileSync(join(folder, 'logs', name), 'utf8'),
  );
  expect(logs.join('') + engine.log()).not.toMatch(/very-secret|signed-and-secret/);
});

async function replace(fields: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  const form = new FormData();
  const secrets = JSON.stringify({ runway_api_key: RUNWAY_KEY, gemini_api_key: GEMINI_KEY });
  for (const [name, value] of Object.entries({ secrets, ...fields })) form.append(name, value);
  form.append('file', await openAsBlob(photo), 'product_image.jpg');
  form.append('mask', await openAsBlob(mask), 'mask.png');
  return fetch(`${engine.url}/background/replace`, { method: 'POST', body: form, ...init });
}

const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

test('Gemini makes the scene of a prompt, and the product stands in it untouched', async () => {
  const response = await replace({ engine: 'Gemini', prompt: 'a sunny kitchen', exact: 'true', seed: '7' });
  const result = await response.json();
  expect(result).toMatchObject({
    ...{ engine: 'gemini', preset: null, seed: 7, model: 'mask', warnings: [] },
    pictures: [{ engine: 'gemini', generated: { model: 'gemini-3.1-flash-image', cached: false } }],
  });
  const [{ exact }] = result.pictures;
  expect(exact.output_sha256).toBe(exact.source_sha256);
  expect((await pixelAt(await download(result.artifacts.output), 0.02, 0.02)).slice(0, 3)).toEqual(
    [205, 214, 222].map((value) => expect.closeTo(value, -1.2)),
  );
  expect(gemini.asked).toHaveLength(1);
  const [{ path, key, body }] = gemini.asked;
  expect([path, key]).toEqual(['/v1beta/models/gemini-3.1-flash-image:generateContent', GEMINI_KEY]);
  expect(body.contents[0].parts).toEqual([{ text: expect.stringContaining('a sunny kitchen') }]);
  expect(body.generationConfig).toMatchObject({ imageConfig: { aspectRatio: '4:3' }, seed: 7 });
});

test('Runway makes it too: estimate first, cost after, the picture cropped to the frame', async () => {
  runway.look = [task({ status: 'THROTTLED' }), succeeded(runway)];
  const headers = { Accept: 'application/x-ndjson' };
  const response = await replace({ engine: 'RUNWAY', prompt: 'a sunny kitchen' }, { headers });
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const said = lines.map(({ message }) => message).filter(Boolean);
  expect(said[0]).toBe('Runway: queued (gen4_image, about 5 credits)');
  expect(said).toContain('Runway: queued behind other tasks of this key (gen4_image, about 5 credits)');
  const fractions = lines.filter(({ type }) => type === 'progress').map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  const { result } = lines.at(-1);
  expect(result).toMatchObject({
    ...{ engine: 'runway', seed: 0, width: 320, height: 240, cost: { credits: 8 } },
    pictures: [{ generated: { model: 'gen4_image', cached: false, cost: { credits: 8 } } }],
  });
  const [{ authorization, version, body }] = runway.asked;
  expect([authorization, version]).toEqual([`Bearer ${RUNWAY_KEY}`, '2024-11-06']);
  expect(body).toMatchObject({ model: 'gen4_image', ratio: '960:720', seed: 0 });
  expect(body!.promptText).toMatch(/^a sunny kitchen\. Empty scene .+ Without: people, text, watermark\.$/);
});

test('a preset that needs a generator has one; a drawn one beside it stays drawn, and only the first is marked', async () => {
  runway.look = [succeeded(runway)];
  const response = await replace({ preset: 'kitchen,wood', format: 'webp' });
  const { pictures, warnings, artifacts, cost } = await response.json();
  expect(pictures.map(({ engine, preset }: Record<string, string>) => [engine, preset])).toEqual([
    ['runway', 'kitchen'],
    ['studio', 'wood'],
  ]);
  expect([warnings, cost]).toEqual([[], { credits: 8 }]);
  expect(pictures[0].generated).toMatchObject({ horizon: expect.closeTo(0.6, 1), light: 'left' });
  expect(runway.asked[0].body!.promptText).toMatch(/^empty kitchen counter, .+Soft light from the left\./);
  const xmp = await Promise.all(
    [artifacts.output, artifacts.output_2].map(
      async (url) => (await sharp(await download(url)).metadata()).xmp,
    ),
  );
  expect(String(xmp[0])).toContain('digitalsourcetype/compositeWithTrainedAlgorithmicMedia');
  expect(xmp[1]).toBeUndefined();
});

test('the same scene is generated once, for jobs one after the other and at the same time', async () => {
  const ask = async (seed: string) => (await replace({ engine: 'gemini', prompt: 'a shelf', seed })).json();
  const both = await Promise.all([ask('1'), ask('1')]);
  const later = await ask('1');
  expect(gemini.asked).toHaveLength(1);
  const cached = [...both, later].map(({ pictures }) => pictures[0].generated.cached);
  expect(cached.sort()).toEqual([false, true, true]);
  await ask('2');
  expect(gemini.asked).toHaveLength(2);
});

test('a scene with a product of its own in the middle is tried again with another seed', async () => {
  const [empty, full] = [picture(await scenePicture()), picture(await scenePicture({ product: true }))];
  gemini.script = [full, empty];
  const { seed, warnings } = await (await replace({ engine: 'gemini', prompt: 'a bar', seed: '40' })).json();
  expect([seed, warnings]).toEqual([41, [expect.stringContaining('the seed 41 was taken')]]);
  const seeds = gemini.asked.map(({ body }) => (body.generationConfig as { seed: number }).seed);
  expect(seeds).toEqual([40, 41]);

  gemini.script = [full];
  const stuck = await (await replace({ engine: 'gemini', prompt: 'a bottle', seed: '9' })).json();
  expect(gemini.asked).toHaveLength(4);
  expect(stuck.warnings).toEqual([expect.stringMatching(/product of its own seems to stand .+ 2 scenes/)]);
  gemini.script = [empty];
});

test('a shape that was not kept is told, and the scene cropped', async () => {
  gemini.script = [picture(await scenePicture({ width: 480, height: 480 }))];
  const { warnings, width } = await (await replace({ engine: 'gemini', prompt: 'a square' })).json();
  expect([width, warnings]).toEqual([320, [expect.stringContaining('asked for 4:3 and sent 480 x 480')]]);
  gemini.script = [picture(await scenePicture())];
});

test.each<[string, () => void, number, string, RegExp]>([
  [
    '401',
    () => (runway.begin = [answer({ error: 'Unknown key' }, 401)]),
    502,
    'PROVIDER_DENIED',
    /Unknown key/,
  ],
  [
    '402',
    () => (runway.begin = [answer({ error: 'No credits' }, 402)]),
    422,
    'PROVIDER_REJECTED',
    /no credits/,
  ],
  [
    '429 for long',
    () => (runway.begin = [answer({ error: 'Daily limit' }, 429, { 'retry-after': '900' })]),
    ...([502, 'PROVIDER_BUSY', /Daily limit/] as const),
  ],
  [
    'moderation',
    () => (runway.look = [task({ status: 'FAILED', failure: 'No', failureCode: 'SAFETY.INPUT.TEXT' })]),
    ...([422, 'PROVIDER_REJECTED', /moderation/] as const),
  ],
  [
    'an expired address',
    () => (runway.picture = (response) => response.writeHead(403).end()),
    ...([502, 'PROVIDER_FAILED', /has expired/] as const),
  ],
  [
    'no picture',
    () => (runway.picture = (response) => response.end('<html>Sorry</html>')),
    ...([502, 'PROVIDER_FAILED', /no picture that can be read/] as const),
  ],
])('%s of Runway ends the job with a clear error', async (name, fault, status, code, words) => {
  const { begin, look, picture: whole } = runway;
  fault();
  const response = await replace({ engine: 'runway', prompt: `a place for ${name}` });
  Object.assign(runway, { begin, look, picture: whole });
  expect(response.status).toBe(status);
  const { error } = await response.json();
  expect(error).toMatchObject({ code, message: expect.stringMatching(words), hint: expect.any(String) });
  expect(JSON.stringify(error)).not.toMatch(/very-secret|signed-and-secret/);
  expect(runway.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a prompt that Runway does not take, or a photo that is none, is refused before anything is paid', async () => {
  const long = await (await replace({ engine: 'runway', prompt: 'x'.repeat(1001) })).json();
  expect(long.error).toMatchObject({ code: 'INVALID_PARAMETER', message: expect.stringContaining('1001') });
  const photoBefore = photo;
  photo = mask.replace('mask.png', 'notes.txt');
  writeFileSync(photo, 'no picture');
  const none = await (await replace({ engine: 'runway', prompt: 'a lake' })).json();
  photo = photoBefore;
  expect(none.error.code).toBe('UNSUPPORTED_FORMAT');
  const large = await (await replace({ engine: 'runway', prompt: 'a lake', width: '5000' })).json();
  expect(large.error.code).toBe('TOO_LARGE');
  expect(runway.asked).toEqual([]);
});

test('a caller who hangs up cancels the task at Runway', async () => {
  const { look } = runway;
  runway.look = [task({ status: 'RUNNING', progress: 0.1 })];
  const hangUp = new AbortController();
  const asked = replace({ engine: 'runway', prompt: 'a long road' }, { signal: hangUp.signal });
  await waitFor(() => runway.asked.length > 0);
  hangUp.abort();
  await expect(asked).rejects.toThrow();
  await waitFor(() => runway.cancelled());
  runway.look = look;
  await waitFor(() => engine.tempFiles().length === 0);
});

test('without a key nothing is generated, and the ways out are named', async () => {
  const { error } = await (await replace({ engine: 'runway', prompt: 'x', secrets: '{}' })).json();
  expect(error).toMatchObject({ code: 'NO_GENERATOR', hint: expect.stringContaining('RUNWAY_API_KEY') });
  const soft = await (await replace({ preset: 'kitchen', secrets: '{}' })).json();
  expect(soft).toMatchObject({
    engine: 'gradient',
    warnings: [expect.stringContaining('needs a generator')],
  });
});

test('keys of the engine, BG_ENGINE in any case, a home that takes no files: scenes all the same', async () => {
  const place = join(folder, 'own');
  mkdirSync(join(place, 'home'), { recursive: true });
  writeFileSync(join(place, 'home', 'scenes'), 'a file in the way');
  const own = await startEngine(place, {
    ...{ VITRINE_RUNWAY_URL: runway.url, RUNWAY_API_KEY: RUNWAY_KEY, BG_ENGINE: 'Runway' },
    VITRINE_RUNWAY_MODEL: 'gemini_2.5_flash',
  });
  try {
    const response = await post(`${own.url}/background/replace`, photo, { model: 'plain' });
    expect(await response.json()).toMatchObject({
      ...{ engine: 'runway', preset: 'product-studio' },
      pictures: [{ generated: { model: 'gemini_2.5_flash' } }],
    });
    expect(runway.asked[0].authorization).toBe(`Bearer ${RUNWAY_KEY}`);
    const environment = readFileSync(`/proc/${own.workerPid()}/environ`, 'utf8');
    expect(environment).not.toContain(RUNWAY_KEY);
    expect(own.log()).not.toContain(RUNWAY_KEY);
  } finally {
    await own.stop();
  }
});

test('what is kept of scenes shows no prompt and no key', () => {
  const scenes = join(folder, 'home', 'scenes');
  const kept = readdirSync(scenes).map((name) => readFileSync(join(scenes, name), 'latin1'));
  expect(kept.length).toBeGreaterThan(3);
  expect(kept.join('')).not.toMatch(/kitchen|shelf|very-secret|signed-and-secret/);
});
