import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { consistency, generatingModels, turbo } from '../diffusion/support';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { filesBelow } from '../support/files-below';
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
  const slow = turbo({ id: 'slow-sd', steps: { default: 100, most: 100 } });
  modelsDir = generatingModels(folder, [slow, consistency()]);
  engine = await startEngine(folder, { VITRINE_MODELS_DIR: modelsDir, MODEL_ID: 'tiny-sd' });
});
afterAll(() => engine.stop());

interface Asked extends RequestInit {
  file?: string;
  url?: string;
}

async function ask(
  fields: Record<string, string>,
  { file = photo, url = engine.url, ...init }: Asked = {},
): Promise<Response> {
  const form = new FormData();
  form.append('file', await openAsBlob(file), 'product_image.jpg');
  form.append('mask', await openAsBlob(mask), 'mask.png');
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return fetch(`${url}/background/replace`, { method: 'POST', body: form, ...init });
}

const replace = async (fields: Record<string, string>, asked?: Asked) => (await ask(fields, asked)).json();

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

describe('around the product', () => {
  const around = { engine: 'sdxl', prompt: 'a shelf', seed: '7', exact: 'true', draw_around: 'true' };
  let other: string;

  beforeAll(async () => {
    other = await writePackshot(folder, 'other.jpg', { product: [20, 60, 210] });
  });

  /** The picture's pixels but for the rows and columns that the product stands in. */
  async function corner({ artifacts, pictures }: Awaited<ReturnType<typeof replace>>): Promise<Buffer> {
    const picture = await (await fetch(artifacts.output)).arrayBuffer();
    const [{ placed, height }] = pictures;
    return sharp(picture).extract({ left: 0, top: 0, width: placed[0], height }).raw().toBuffer();
  }

  test('several seeds are tried, and the product’s own pixels lie on the best one', async () => {
    const result = await replace(around);
    const [{ generated, exact, placed, seed }] = result.pictures;
    expect(generated).toMatchObject({ model: 'tiny-sd', drawn_around: true, cached: false });
    expect(generated.scores.map((score: { seed: number }) => score.seed)).toEqual([7, 8, 9]);
    const least = Math.min(...generated.scores.map((score: { expansion: number }) => score.expansion));
    expect(generated.scores).toContainEqual({ seed, expansion: least });
    expect(exact.output_sha256).toBe(exact.source_sha256);
    // It stands where the same look has it in a backdrop that is drawn.
    expect((await replace({ engine: 'gradient', exact: 'true' })).pictures[0].placed).toEqual(placed);
    expect(result.warnings.join(' ')).not.toContain('product of its own');
  });

  test('the product decides on the scene, which is drawn once for each', async () => {
    const once = { ...around, tries: '1' };
    const [red, blue, again] = [
      await replace(once),
      await replace(once, { file: other }),
      await replace(once),
    ];
    const cached = [red, blue, again].map(({ pictures }) => pictures[0].generated.cached);
    expect(cached).toEqual([false, false, true]);
    expect([red, blue, again].map(({ seed }) => seed)).toEqual([7, 7, 7]);
    expect(red.pictures[0].generated.scores).toBeUndefined();
    const [ofRed, ofBlue, ofAgain] = [await corner(red), await corner(blue), await corner(again)];
    expect(ofBlue.equals(ofRed)).toBe(false);
    expect(ofAgain.equals(ofRed)).toBe(true);
    // An empty scene knows nothing of what is put over it.
    const apart = { ...around, draw_around: 'false' };
    const [first, second] = [await replace(apart), await replace(apart, { file: other })];
    expect(second.pictures[0].generated.cached).toBe(true);
    expect(first.pictures[0].generated).not.toHaveProperty('drawn_around');
    expect((await corner(first)).equals(ofRed)).toBe(false);
  });

  test('a backdrop that is drawn tells that it had no effect, and so does each that is among several', async () => {
    const { warnings } = await replace({ engine: 'gradient', draw_around: 'true' });
    expect(warnings).toEqual([expect.stringMatching(/draw_around had no effect: gradient/)]);
    const both = await replace({ preset: 'kitchen,wood', draw_around: 'true', tries: '1' });
    const [kitchen, wood] = both.pictures;
    expect([kitchen.generated.drawn_around, wood.generated]).toEqual([true, undefined]);
    expect(wood.warnings).toEqual([expect.stringMatching(/draw_around had no effect: studio/)]);
    expect(kitchen.warnings.join(' ')).not.toContain('draw_around');
  });

  test.each([
    [{ generator_model: 'tiny-lcm' }, /vae_encoder/],
    [{ tries: '9' }, /1 to 8/],
    [{ width: '100', height: '100' }, /at least the product's own/],
  ])('%j is refused', async (fields: Record<string, string>, words) => {
    const response = await ask({ ...around, ...fields });
    expect(response.status).toBe(400);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: 'INVALID_PARAMETER', message: expect.stringMatching(words) });
  });

  test('a caller who hangs up leaves no file', async () => {
    const hangUp = new AbortController();
    const fields = { ...around, prompt: 'a long road', generator_model: 'slow-sd', tries: '8', steps: '100' };
    const asked = ask(fields, { signal: hangUp.signal });
    const files = () => filesBelow(join(folder, 'tmp'));
    await waitFor(() => files().some((name) => /scene-\w+.product\.png$/.test(name)));
    hangUp.abort();
    await expect(asked).rejects.toThrow();
    await waitFor(() => !files().some((name) => /job-|scene-/.test(name)));
  });
});

test('a model that the job names draws where the one of MODEL_ID is not here, behind the answer too', async () => {
  const other = await startEngine(folder, { VITRINE_MODELS_DIR: modelsDir, VITRINE_OFFLINE: 'true' });
  try {
    const named = { prompt: 'a shelf', engine: 'sdxl', generator_model: 'tiny-sd' };
    const { pictures } = await replace(named, { url: other.url });
    expect(pictures).toMatchObject([{ engine: 'sdxl', generated: { model: 'tiny-sd' } }]);
    const { jobId } = await replace(named, { url: `${other.url}/api` });
    expect(jobId).toEqual(expect.any(String));
    expect((await replace({ prompt: 'a shelf' }, { url: `${other.url}/api` })).error.code).toBe(
      'NO_GENERATOR',
    );
  } finally {
    await other.stop();
  }
});
