import { openAsBlob } from 'node:fs';
import { type TestEngine, startEngine } from '../support/engine';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
let engine: TestEngine;
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'product_image.jpg');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
  engine = await startEngine(folder);
});
afterAll(() => engine.stop());

async function replace(
  fields: Record<string, string>,
  headers: Record<string, string> = {},
  url = engine.url,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', await openAsBlob(photo), 'product_image.jpg');
  form.append('mask', await openAsBlob(mask), 'mask.png');
  return fetch(`${url}/background/replace`, { method: 'POST', body: form, headers });
}

test('the seed’s fields are taken, and the answer links to the picture', async () => {
  const response = await replace({
    negative_prompt: 'people, text, watermark, cluttered',
    ...{ steps: '25', guidance_scale: '7.5', seed: '42' },
    ...{ enhance_fg: 'true', match_colors: 'true', feather_edges: 'true' },
  });
  expect(response.status).toBe(200);
  const result = await response.json();
  expect(result).toMatchObject({
    ...{ engine: 'studio', preset: 'product-studio', seed: 42 },
    artifacts: { output: expect.stringMatching(/\/download\/replace_[\w-]{22}\.jpg$/) },
    metrics: { elapsed_ms: expect.any(Number) },
  });
  const picture = await fetch(result.artifacts.output);
  expect(picture.headers.get('content-type')).toBe('image/jpeg');
  const [corner] = await pixelAt(Buffer.from(await picture.arrayBuffer()), 0.02, 0.02);
  expect(corner).toBeGreaterThan(225);
});

test('several presets, a mask and a comparison: a link for each', async () => {
  const response = await replace({ preset: 'wood,linen', mask_out: 'true', compare: 'true' });
  const { artifacts, pictures } = await response.json();
  expect(Object.keys(artifacts).sort()).toEqual(['compare', 'compare_2', 'mask', 'output', 'output_2']);
  expect(pictures).toMatchObject([{ artifact: 'output' }, { artifact: 'output_2', compare: 'compare_2' }]);
  for (const link of Object.values(artifacts as Record<string, string>)) {
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(204);
  }
});

test('the picture itself, where that is what is accepted', async () => {
  const response = await replace({ bgcolor: '#00ff00', format: 'png' }, { Accept: 'image/*' });
  expect(response.headers.get('content-type')).toBe('image/png');
  const body = Buffer.from(await response.arrayBuffer());
  expect((await pixelAt(body, 0.02, 0.02)).slice(0, 3)).toEqual([0, 255, 0]);
});

test.each([
  [{ prompt: 'modern minimalist studio with soft lighting' }, 503, 'NO_GENERATOR'],
  [{ prompt: 'x', width: '5000' }, 413, 'TOO_LARGE'],
  [{ steps: '101' }, 400, 'INVALID_PARAMETER'],
  [{ guidance_scale: '0.5' }, 400, 'INVALID_PARAMETER'],
  [{ preset: 'marbel' }, 400, 'INVALID_PARAMETER'],
  [{ overrides: '{"light":{"azimuth":900}}' }, 400, 'INVALID_PARAMETER'],
  [{ overrides: 'not json' }, 400, 'INVALID_PARAMETER'],
])('%j is refused', async (fields, status, code) => {
  const response = await replace(fields as Record<string, string>);
  expect(response.status).toBe(status);
  expect((await response.json()).error).toMatchObject({
    code,
    message: expect.any(String),
    hint: expect.any(String),
  });
  expect(engine.tempFiles()).toEqual([]);
});

test('its page describes every parameter', async () => {
  const description = await (await fetch(`${engine.url}/docs/json`)).json();
  const { requestBody } = description.paths['/background/replace'].post;
  const { properties } = requestBody.content['multipart/form-data'].schema;
  expect(Object.keys(properties)).toEqual(
    expect.arrayContaining(['file', 'mask', 'backdrop', 'prompt', 'preset', 'overrides', 'exact', 'seed']),
  );
});

test.each(['/background/replace', '/api/background/replace'])(
  'requests above the limit get 429 on %s',
  async (route) => {
    const slow = await startEngine(folder, { BG_REQS_PER_MIN: '1' });
    try {
      const ask = () => fetch(`${slow.url}${route}`, { method: 'POST', body: new FormData() });
      expect((await ask()).status).toBe(400);
      const second = await ask();
      expect([second.status, (await second.json()).error.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await slow.stop();
    }
  },
);

test('above 4096 pixels a side a scene is refused, unless ALLOW_4K=1', async () => {
  const asked = { prompt: 'x', width: '4097', height: '100' };
  expect((await (await replace(asked)).json()).error).toMatchObject({ code: 'TOO_LARGE' });
  const free = await startEngine(folder, { ALLOW_4K: '1' });
  try {
    // It gets as far as the generator, of which there is none.
    expect((await (await replace(asked, {}, free.url)).json()).error.code).toBe('NO_GENERATOR');
  } finally {
    await free.stop();
  }
});
