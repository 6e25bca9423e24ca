import { openAsBlob, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type TestEngine, startEngine } from '../support/engine';
import { type Gemini, picture, startGemini } from '../support/gemini';
import { pixelAt, writePackshot } from '../support/pictures';
import { scenePicture } from '../support/scenes';
import { tempFolder } from '../support/temp';
import { type Runway, begun, startRunway, succeeded, task } from '../support/runway';

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
  const logs = readdirSync(join(folder, 'logs')).map((name) => readFileSync(join(folder, 'logs', name), 'utf8'));
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
