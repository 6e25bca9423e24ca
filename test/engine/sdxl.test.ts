import { mkdirSync, openAsBlob, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { turbo } from '../diffusion/support';
import { type TestEngine, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** Scenes of a model on the engine's machine, from the request to the pixels: a tiny network that MODEL_ID names. */
const folder = tempFolder();
const modelsDir = join(folder, 'models');
let engine: TestEngine;
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'product_image.jpg');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
  mkdirSync(modelsDir);
  writeFileSync(join(modelsDir, 'registry.local.json'), JSON.stringify({ models: [turbo()] }));
  engine = await startEngine(folder, { VITRINE_MODELS_DIR: modelsDir, MODEL_ID: 'tiny-sd' });
});
afterAll(() => engine.stop());

async function replace(fields: Record<string, string>) {
  const form = new FormData();
  form.append('file', await openAsBlob(photo), 'product_image.jpg');
  form.append('mask', await openAsBlob(mask), 'mask.png');
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = await fetch(`${engine.url}/background/replace`, { method: 'POST', body: form });
  return response.json();
}

test('the seed’s fields draw a scene, behind the product as it is', async () => {
  const result = await replace({
    prompt: 'modern minimalist studio with soft lighting',
    negative_prompt: 'people, text, watermark, cluttered',
    engine: 'SDXL',
    exact: 'true',
    seed: '42',
  });
  expect(result).toMatchObject({
    ...{ engine: 'sdxl', preset: null, seed: expect.any(Number), model: 'mask' },
    pictures: [{ engine: 'sdxl', generated: { model: 'tiny-sd', cached: false } }],
  });
  const [{ exact }] = result.pictures;
  expect(exact.output_sha256).toBe(exact.source_sha256);
});

test('a model that is here is what a prompt is given to, and its scene is drawn once', async () => {
  const asked = { prompt: 'a sunny kitchen', seed: '3' };
  const [first, second] = [await replace(asked), await replace(asked)];
  expect([first.engine, second.engine]).toEqual(['sdxl', 'sdxl']);
  expect(first.pictures[0].generated.cached).toBe(false);
  expect(second.pictures[0].generated).toMatchObject({ model: 'tiny-sd', cached: true });
  expect(second.seed).toBe(first.seed);
});

test('steps that the model does not take are told', async () => {
  const { warnings } = await replace({ prompt: 'a beach', steps: '25' });
  expect(warnings.join(' ')).toContain('steps');
});
