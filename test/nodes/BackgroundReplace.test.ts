import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ICredentialsDecrypted, IDataObject, INode, INodeType, IWorkflowBase } from 'n8n-workflow';
import sharp from 'sharp';
import { Webhook } from 'standardwebhooks';
import { startReceiver } from '../support/receiver';
import { listen } from '../support/web';
import { startEngine, type TestEngine } from './support/engine';
import {
  contentOf,
  loadPack,
  oneNode,
  type RunOptions,
  runWorkflow,
  sourceOf,
  standIn,
  useBinaryMode,
} from './support/n8n';
import { BACKDROP, boxPhoto, photoItem, readPixels } from './support/photos';

/** The node inside n8n's own executor, with a real engine behind it. */
const NODE = 'Background Replace';
const SAND = { r: 200, g: 180, b: 140 };
const WHITE = { r: 255, g: 255, b: 255 };
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;
let base: string;
let folder: string;

beforeAll(async () => {
  pack = await loadPack();
  const photo = await boxPhoto(240, 180);
  base = await listen((_request, response) => response.end(photo));
  folder = mkdtempSync(join(tmpdir(), 'vitrine-photos-'));
  writeFileSync(join(folder, 'input.jpg'), photo);
  engine = await startEngine({ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_DATA_ROOTS: folder });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => await useBinaryMode('filesystem'));

const credentialData = () => ({ vitrineEngineApi: { urls: engine.url, token: engine.token } });

async function run(parameters: IDataObject, options: RunOptions = {}, node: Partial<INode> = {}) {
  const definition = oneNode(
    { engineLocation: 'remote', model: 'plain', ...parameters },
    {
      name: NODE,
      type: 'n8n-nodes-vitrine.backgroundReplace',
      credentials: { vitrineEngineApi: { id: '1', name: 'Engine' } },
      ...node,
    },
  );
  return await runWorkflow(pack, definition, {
    items: [await photoItem('mug.jpg', 240, 180)],
    credentials: credentialData(),
    ...options,
  });
}

type Done = Awaited<ReturnType<typeof run>>;

async function pixelsOf(done: Done, field = 'data', item = 0) {
  return await readPixels(await contentOf(done.output(NODE)[item].binary![field]));
}

const near = ({ r, g, b }: { r: number; g: number; b: number }) =>
  [r, g, b].map((value) => expect.closeTo(value, -1.2));

/** An item that brings a plain picture in another field. */
async function withField(field: string, content: Buffer) {
  const item = await photoItem('mug.jpg', 240, 180);
  item.files![field] = { content, fileName: `${field}.png`, mimeType: 'image/png' };
  return item;
}

/** A PNG of one color; with a border of black around it where one is given. */
async function plainPicture(background: object, size = { width: 240, height: 180 }, x = 0, y = 0) {
  const picture = sharp({ create: { ...size, channels: 3, background } });
  return await picture.extend({ left: x, right: x, top: y, bottom: y, background: '#000' }).png().toBuffer();
}

describe.each(['filesystem', 'default'] as const)('with files kept in %s mode', (mode) => {
  beforeEach(async () => await useBinaryMode(mode));

  it('puts a product into the studio and answers with the picture and what is known about it', async () => {
    const done = await run({});
    expect(done.output(NODE)).toHaveLength(1);
    const [item] = done.output(NODE);
    expect(item.pairedItem).toEqual({ item: 0 });
    expect(item.binary!.data).toMatchObject({ fileName: 'mug.jpg', mimeType: 'image/jpeg' });
    expect(item.json).toEqual({
      preset: 'product-studio',
      engine: 'studio',
      seed: expect.any(Number),
      width: 240,
      height: 180,
      placed: expect.arrayContaining([expect.any(Number)]),
      scale: expect.any(Number),
      color_shift: expect.any(Number),
      format: 'jpeg',
      model: 'plain',
      device: 'cpu',
      bbox: [60, 45, 120, 90].map((value) => expect.closeTo(value, -1.3)),
      coverage: expect.closeTo(0.25, 1),
      confidence: expect.closeTo(1, 1),
      unsure: false,
      warnings: [],
      metrics: expect.objectContaining({ elapsed_ms: expect.any(Number) }),
    });
    const picture = await pixelsOf(done);
    expect(picture).toMatchObject({ format: 'jpeg', width: 240, height: 180, channels: 3 });
    expect(Math.min(...picture.at(0.02, 0.02))).toBeGreaterThan(BACKDROP.r);
    const [x, y, width, height] = item.json.placed as number[];
    const [red, ...others] = picture.at((x + width / 2) / 240, (y + height / 2) / 180);
    expect(red).toBeGreaterThan(2 * Math.max(...others));
    expect(item.json.color_shift).toBeLessThan(6);
    expect(engine.outputs()).toEqual([]);
  });

  it('makes an output item of each preset, from one cut', async () => {
    const parameters = { preset: ['marble', 'shadow-only'], options: { maskField: 'mask', exact: true } };
    const messages: string[] = [];
    const done = await run(parameters, { onMessage: (message) => messages.push(message) });
    const output = done.output(NODE);
    expect(output.map(({ json }) => [json.preset, json.engine])).toEqual([
      ['marble', 'studio'],
      ['shadow-only', 'color'],
    ]);
    expect(output.map(({ binary }) => [binary!.data.fileName, binary!.mask.fileName])).toEqual([
      ['mug-marble.png', 'mug-mask.png'],
      ['mug-shadow-only.png', 'mug-mask.png'],
    ]);
    expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }]);
    const proofs = output.map(({ json }) => json.exact as IDataObject);
    for (const { source_sha256, output_sha256 } of proofs) expect(output_sha256).toBe(source_sha256);
    const mask = await pixelsOf(done, 'mask', 1);
    expect([mask.channels, mask.at(0, 0), mask.at(0.5, 0.5)]).toEqual([1, [0], [255]]);
    expect(messages.filter((message) => message.includes('done by'))).toHaveLength(1);
    expect(engine.outputs()).toEqual([]);
  });
});

it('puts the product on a plain color', async () => {
  const done = await run({ backdrop: 'color', backdropColor: '#0a64c8', preset: ['marble'] });
  expect(done.output(NODE)[0].json).toMatchObject({ engine: 'color', preset: null, warnings: [] });
  expect((await pixelsOf(done)).at(0.02, 0.02)).toEqual(near({ r: 10, g: 100, b: 200 }));
});

it('draws a gradient in the colors of the overrides', async () => {
  const overrides = JSON.stringify({ colors: ['#204060', '#e0c0a0'] });
  const done = await run({ backdrop: 'gradient', overrides });
  expect(done.output(NODE)[0].json.engine).toBe('gradient');
  const picture = await pixelsOf(done);
  expect(picture.at(0.02, 0.02)[2]).toBeGreaterThan(picture.at(0.02, 0.02)[0]);
  expect(picture.at(0.02, 0.98)[2]).toBeLessThan(picture.at(0.02, 0.98)[0]);
});

describe('a picture of the user’s own behind the product', () => {
  it('from another data field', async () => {
    const items = [await withField('beach', await plainPicture(SAND))];
    const done = await run({ backdrop: 'image', backdropPropertyName: 'beach' }, { items });
    const [item] = done.output(NODE);
    expect(item.json).toMatchObject({ engine: 'image', preset: null });
    expect(Object.keys(item.binary!).sort()).toEqual(['beach', 'data']);
    expect((await pixelsOf(done)).at(0.02, 0.02)).toEqual(near(SAND));
  });

  it('from an address, as the photo', async () => {
    const source = { inputSource: 'url', url: `${base}/cup.jpg` };
    const backdrop = { backdrop: 'image', backdropSource: 'url', backdropUrl: `${base}/scene.jpg` };
    const done = await run({ ...source, ...backdrop });
    expect(done.output(NODE)[0].binary!.data.fileName).toBe('cup.jpg');
    expect((await pixelsOf(done)).at(0.02, 0.02)).toEqual(near(BACKDROP));
  });

  it('says which field is missing', async () => {
    const error = (await run({ backdrop: 'image' })).error(NODE)!;
    expect(error.message).toBe("The item has no data field 'backdrop'");
    expect(error.description).toContain('Backdrop Data Field Name');
  });
});

it('keeps the rules of a marketplace', async () => {
  const done = await run({ preset: ['marketplace-white'], marketplace: 'ebay' });
  expect(done.output(NODE)[0].json).toMatchObject({
    width: 1600,
    height: 1600,
    white: { border: true },
    fill: { side: expect.closeTo(0.85, 2) },
  });
});

it('takes a mask, and puts before and after side by side', async () => {
  const mask = await plainPicture(WHITE, { width: 120, height: 90 }, 60, 45);
  const parameters = { options: { maskInputField: 'cut', compareField: 'both', keepPosition: true } };
  const done = await run(parameters, { items: [await withField('cut', mask)] });
  const [item] = done.output(NODE);
  expect(item.json).toMatchObject({ model: 'mask', scale: 1 });
  expect(item.binary!.both.fileName).toBe('mug-compare.jpg');
  expect((await pixelsOf(done, 'both')).width).toBeGreaterThan(2 * 240 - 1);
});

describe('the seed’s JSON workflow example', () => {
  const overrides = { prompt: 'clean white background, professional lighting' };
  const parameters = { mediaId: '={{ $json.sku }}', preset: 'product-studio', overrides };
  const items = () => [{ json: { sku: 'media-123' }, files: {} }];

  it.each([
    ['a path', () => join(folder, 'input.jpg'), 'input.jpg'],
    ['an address', () => `${base}/cup.jpg`, 'cup.jpg'],
  ])('its parameters work, with %s as inputPath', async (_, inputPath, fileName) => {
    const done = await run({ ...parameters, inputPath: inputPath() }, { items: items() });
    const [{ json, binary }] = done.output(NODE);
    expect(json).toMatchObject({
      ...{ mediaId: 'media-123', preset: 'product-studio', engine: 'studio' },
      metrics: { elapsed_ms: expect.any(Number) },
    });
    expect(binary!.data.fileName).toBe(fileName);
    expect(done.hints(NODE)).toEqual([expect.stringContaining('The prompt had no effect')]);
    expect(engine.outputs()).toEqual([]);
  });

  it('a path that the engine may not read is refused', async () => {
    const error = (await run({ ...parameters, inputPath: '/etc/hostname' }, { items: items() })).error(NODE)!;
    expect([error.message, error.description]).toEqual([
      expect.stringContaining('/etc/hostname'),
      expect.stringContaining('VITRINE_DATA_ROOTS'),
    ]);
  });

  it('a path that n8n may not read is not sent to the engine of this machine', async () => {
    const embedded = { engineLocation: 'embedded', inputPath: '/etc/hostname' };
    const error = (await run({ ...parameters, ...embedded }, { items: items() })).error(NODE)!;
    expect(error.message).toContain('n8n does not let its nodes read "/etc/hostname"');
  });

  it('since version 1.1 a path is a choice of the input source, and none beside the data field', async () => {
    const at = (inputSource: string, path: string) =>
      run({ inputSource, inputPath: path, preset: 'marble' }, { items: items() }, { typeVersion: 1.1 });
    const [byPath] = (await at('path', join(folder, 'input.jpg'))).output(NODE);
    expect(byPath.binary!.data.fileName).toBe('input.jpg');
    expect((await at('path', ' ')).error(NODE)!.message).toContain('Input Path');
    expect((await at('dataField', '/etc/hostname')).error(NODE)!.message).toContain('data');
  });
});

describe('a callback', () => {
  const credentials = () => ({ ...credentialData(), vitrineWebhookApi: { secret: 'whsec_c2VjcmV0' } });
  const chosen = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    vitrineWebhookApi: { id: '2', name: 'Webhook' },
  };

  it('is signed with the credential, and its picture stays on the engine', async () => {
    const receiver = await startReceiver();
    const parameters = { callbackUrl: `${receiver.url}/hook`, mediaId: '={{ 7 }}', projectId: 'project-456' };
    const done = await run(parameters, { credentials: credentials() }, { credentials: chosen });
    const [{ json }] = done.output(NODE);
    expect(json).toMatchObject({ mediaId: '7', projectId: 'project-456', warnings: [] });
    while (!receiver.received.length) await sleep(50);
    const [{ body, headers, json: told }] = receiver.received;
    new Webhook('whsec_c2VjcmV0').verify(body, headers as Record<string, string>);
    expect(told).toMatchObject({ event: 'background.job.succeeded', mediaId: '7', projectId: 'project-456' });
    const [name] = engine.outputs();
    expect(told.outputUrl).toBe(`${engine.url}/download/${name}`);
    const authorization = { Authorization: `Bearer ${engine.token}` };
    await fetch(told.outputUrl, { method: 'DELETE', headers: authorization });
  });

  it('that is no address is refused', async () => {
    expect((await run({ callbackUrl: 'here' })).error(NODE)!.message).toContain('Callback URL');
  });

  it.each([
    ['whsec_c2VjcmV0', 'OK'],
    [' any long text ', 'OK'],
    ['whsec_?', 'Error'],
    ['', 'Error'],
  ])('Test of the secret %j: %s', async (secret, status) => {
    const { credentialTest } = (pack.getNode('backgroundReplace').type as INodeType).methods!;
    const tested = await credentialTest!.testWebhookSecret.call(
      {} as never,
      { data: { secret } } as unknown as ICredentialsDecrypted,
    );
    expect(tested.status).toBe(status);
    if (secret.trim()) expect(tested.message).not.toContain(secret.trim());
  });
});

it('takes presets from expressions, item by item, and keeps the items in order', async () => {
  const items = await Promise.all(['a.jpg', 'b.jpg'].map((name) => photoItem(name)));
  items[0].json!.scenes = 'wood, linen';
  items[1].json!.scenes = ['podium'];
  const done = await run({ preset: '={{ $json.scenes }}', options: { includeInputFields: true } }, { items });
  expect(done.output(NODE).map(({ json, pairedItem }) => [json.sku, json.preset, pairedItem])).toEqual([
    ['a.jpg', 'wood', { item: 0 }],
    ['a.jpg', 'linen', { item: 0 }],
    ['b.jpg', 'podium', { item: 1 }],
  ]);
});

it('sends only what belongs to the backdrop that an expression chooses', async () => {
  const parameters = {
    backdrop: '={{ "studio" }}',
    preset: ['marble'],
    prompt: 'a beach',
    backdropColor: '#00ff00',
  };
  const [{ json }] = (await run(parameters)).output(NODE);
  expect(json).toMatchObject({ engine: 'studio', preset: 'marble', warnings: [] });
});

it('tells each picture its own warnings, and the editor all of them', async () => {
  const done = await run({ preset: ['kitchen', 'wood'] });
  expect(done.output(NODE).map(({ json }) => json.warnings)).toEqual([
    [expect.stringContaining('kitchen needs a generator')],
    [],
  ]);
  expect(done.hints(NODE)).toEqual([expect.stringMatching(/^kitchen: /)]);
});

describe('what is refused, with the words to mend it', () => {
  const refusals: [string, IDataObject, string, string, string][] = [
    [
      'a prompt without a generator',
      { prompt: 'on a beach' },
      'generate a scene',
      'Leave the prompt out',
      'NO_GENERATOR',
    ],
    [
      'an unknown preset',
      { preset: '={{ "marbel" }}' },
      'marbel',
      'Did you mean marble',
      'INVALID_PARAMETER',
    ],
    ['overrides that are no JSON', { overrides: '{colors' }, 'overrides', '', 'INVALID_PARAMETER'],
    ['a field of no preset', { overrides: '{"colour": "#fff"}' }, 'colour', '', 'INVALID_PARAMETER'],
    [
      'JPEG with Exact Product',
      { options: { exact: true, format: 'jpeg' } },
      'format',
      'png',
      'INVALID_PARAMETER',
    ],
    [
      'one field for two files',
      { options: { maskField: 'm', compareField: 'm' } },
      'Before and After',
      '',
      'INVALID_PARAMETER',
    ],
    [
      'a missing mask',
      { options: { maskInputField: 'cut' } },
      "no data field 'cut'",
      'Use Mask in Field',
      'INVALID_PARAMETER',
    ],
    ['a backdrop that is none', { backdrop: '={{ "beach" }}' }, 'engine', '', 'INVALID_PARAMETER'],
  ];

  it.each(refusals)('%s', async (_name, parameters, message, hint, code) => {
    const error = (await run(parameters)).error(NODE)!;
    expect(error.message).toContain(message);
    expect(error.description).toContain(hint);
    const [{ json }] = (await run(parameters, {}, { onError: 'continueRegularOutput' })).output(NODE);
    expect(json.details).toMatchObject({ code });
    expect(engine.outputs()).toEqual([]);
  });
});

it('lets a bad item fail alone', async () => {
  const items = await Promise.all(['a.jpg', 'b.jpg', 'c.jpg'].map((name) => photoItem(name)));
  items[1].files!.data.content = Buffer.from('this is no photo');
  const done = await run({ preset: ['wood', 'linen'] }, { items }, { onError: 'continueErrorOutput' });
  expect(done.output(NODE, 0).map(({ binary, pairedItem }) => [binary!.data.fileName, pairedItem])).toEqual([
    ['a-wood.jpg', { item: 0 }],
    ['a-linen.jpg', { item: 0 }],
    ['c-wood.jpg', { item: 2 }],
    ['c-linen.jpg', { item: 2 }],
  ]);
  const [failed] = done.output(NODE, 1);
  expect(failed.json).toMatchObject({ sku: 'b.jpg', error: 'The file is plain text' });
  expect(failed.binary!.data.fileName).toBe('b.jpg');
});

it('passes an item on as it came where a field is taken', async () => {
  const [output] = (await run({ options: { onExisting: 'skip' } })).output(NODE);
  expect(output).toMatchObject({ json: { sku: 'mug.jpg' }, pairedItem: { item: 0 } });
});

describe('the workflow that ships', () => {
  const shipped = join(__dirname, '..', '..', 'workflows', 'replace-background-webhook.json');

  async function post(query: IDataObject) {
    const workflow = JSON.parse(readFileSync(shipped, 'utf8')) as IWorkflowBase;
    const node = workflow.nodes.find(({ name }) => name === NODE)!;
    Object.assign(node.parameters, { engineLocation: 'remote', model: 'plain' });
    node.credentials = { vitrineEngineApi: { id: '1', name: 'Engine' } };
    const items = [{ ...(await photoItem('mug.jpg', 240, 180)), json: { query, body: {} } }];
    return await runWorkflow(pack, workflow, {
      credentials: credentialData(),
      standIns: {
        'n8n-nodes-base.webhook': sourceOf(items),
        'n8n-nodes-base.respondToWebhook': standIn('respondToWebhook'),
        'n8n-nodes-base.stickyNote': standIn('stickyNote'),
      },
    });
  }

  it.each([
    [{}, 'product-studio'],
    [{ preset: 'marble' }, 'marble'],
  ])('%j: answers with the picture', async (query, preset) => {
    const done = await post(query);
    const [{ json, binary }] = done.output('Answer with Picture');
    expect([json.preset, binary!.picture.fileName]).toEqual([preset, 'mug.jpg']);
  });

  it('answers with the reason', async () => {
    const [{ json }] = (await post({ preset: 'marbel' })).output('Answer with Reason');
    expect(json.details).toMatchObject({
      code: 'INVALID_PARAMETER',
      hint: expect.stringContaining('marble'),
    });
  });
});
