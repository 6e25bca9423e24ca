import { openAsBlob } from 'node:fs';
import { generatingModels } from '../diffusion/support';
import { type TestEngine, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** Scenes of a model on the engine's machine, from the request to the pixels: a tiny network that MODEL_ID names. */
const folder = tempFolder();
let engine: TestEngine;
let photo: string;
let mask: string;
let modelsDir: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'product_image.jpg');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
  modelsDir = generatingModels(folder);
  engine = await startEngine(folder, { VITRINE_MODELS_DIR: modelsDir, MODEL_ID: 'tiny-sd' });
});
afterAll(() => engine.stop());

async function replace(fields: Record<string, string>, url = engine.url) {
  const form = new FormData();
  form.append('file', await openAsBlob(photo), 'product_image.jpg');
  form.append('mask', await openAsBlob(mask), 'mask.png');
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = await fetch(`${url}/background/replace`, { method: 'POST', body: form });
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

test('a model that the job names draws where the one of MODEL_ID is not here, behind the answer too', async () => {
  const other = await startEngine(folder, { VITRINE_MODELS_DIR: modelsDir, VITRINE_OFFLINE: 'true' });
  try {
    const named = { prompt: 'a shelf', engine: 'sdxl', generator_model: 'tiny-sd' };
    const { pictures } = await replace(named, other.url);
    expect(pictures).toMatchObject([{ engine: 'sdxl', generated: { model: 'tiny-sd' } }]);
    const { jobId } = await replace(named, `${other.url}/api`);
    expect(jobId).toEqual(expect.any(String));
    expect((await replace({ prompt: 'a shelf' }, `${other.url}/api`)).error.code).toBe('NO_GENERATOR');
  } finally {
    await other.stop();
  }
});
