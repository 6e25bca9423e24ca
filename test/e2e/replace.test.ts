import sharp from 'sharp';
import { N8n } from './support/n8n';
import { BACKDROP, PRODUCT, boxPhoto, formOf, readCutout } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { webhookPath } from './support/workflows';

/** Background Replace in a real n8n: each kind of backdrop, and the shipped workflow. */
const home = newHome('replace');
const SAND = { r: 200, g: 180, b: 140 };
let n8n: N8n;

beforeAll(() => withLogs(async () => void (n8n = await N8n.start({ home: home.folder }))));
afterAll(endAll);

/** What a webhook answers to a red box, and a scene for whom it may concern. */
async function post(path: string): Promise<Response> {
  const photo = await boxPhoto(600, 450);
  const scene = await sharp({ create: { width: 300, height: 300, channels: 3, background: SAND } })
    .png()
    .toBuffer();
  return await n8n.webhook(path, () => formOf({ photo, scene }));
}

/** The color of one pixel, at a place given as fractions of the picture. */
async function colorAt(picture: Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const start = (Math.round(y * (info.height - 1)) * info.width + Math.round(x * (info.width - 1))) * 3;
  return [...data.subarray(start, start + 3)];
}

const near = ({ r, g, b }: typeof SAND) => [r, g, b].map((value) => expect.closeTo(value, -1.4));

for (const [backdrop, color] of [
  ['studio', { r: 250, g: 250, b: 250 }],
  ['color', { r: 10, g: 100, b: 200 }],
  ['image', SAND],
] as const) {
  scenario(`puts a product on the backdrop ${backdrop}`, async () => {
    const response = await post(`${webhookPath('backdrops')}?backdrop=${backdrop}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    const picture = Buffer.from(await response.arrayBuffer());
    expect(await colorAt(picture, 0.02, 0.02)).toEqual(near(color));
    expect(await colorAt(picture, 0.5, 0.5)).toEqual(near(PRODUCT));
  });
}

scenario('answers with a preset’s picture, as the shipped workflow says', async () => {
  const response = await post(`${webhookPath('replace')}?preset=shadow-only`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  const corner = await colorAt(Buffer.from(await response.arrayBuffer()), 0.02, 0.02);
  expect(Math.min(...corner)).toBeGreaterThan(BACKDROP.r + 10);
});

scenario('answers with the reason where there is no such preset', async () => {
  const response = await post(`${webhookPath('replace')}?preset=marbel`);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    details: { code: 'INVALID_PARAMETER', hint: expect.stringContaining('marble') },
  });
});

/** What the older services' READMEs print, to the same paths below /webhook. */
async function call(path: string, fields: Record<string, string>): Promise<Response> {
  const photo = await boxPhoto(600, 450);
  return await n8n.webhook(path, () => {
    const form = formOf({ file: photo });
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return form;
  });
}

scenario('takes the cleanup service’s call', async () => {
  const asked = { enhance_fg: 'true', denoise: 'false' };
  const cut = await call('background/cleanup', { ...asked, mode: 'transparent' });
  expect([cut.status, cut.headers.get('content-type')]).toEqual([200, 'image/png']);
  const { at } = await readCutout(Buffer.from(await cut.arrayBuffer()));
  expect([at(0.02, 0.02).alpha, at(0.5, 0.5).alpha]).toEqual([0, 255]);

  const soft = await call('background/cleanup', { ...asked, mode: 'soften' });
  expect([soft.status, soft.headers.get('content-type')]).toEqual([200, 'image/jpeg']);

  const unknown = await call('background/cleanup', { mode: 'sharpen' });
  expect([unknown.status, await unknown.json()]).toMatchObject([
    422,
    { details: { code: 'INVALID_PARAMETER' } },
  ]);
});

scenario('takes the replacement service’s call', async () => {
  const asked = {
    ...{ negative_prompt: 'people, text, watermark, cluttered', steps: '25', guidance_scale: '7.5' },
    ...{ enhance_fg: 'true', match_colors: 'true', feather_edges: 'true' },
  };
  const drawn = await call('background/replace', { ...asked, preset: 'product-studio' });
  expect([drawn.status, drawn.headers.get('content-type')]).toEqual([200, 'image/jpeg']);

  // There is no generator of scenes here, which is said together with the ways out.
  const prompt = 'modern minimalist studio with soft lighting';
  const prompted = await call('background/replace', { ...asked, prompt });
  expect([prompted.status, await prompted.json()]).toMatchObject([
    503,
    { details: { code: 'NO_GENERATOR' } },
  ]);
});
