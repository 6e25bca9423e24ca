import type { IBinaryData, IDataObject, INode } from 'n8n-workflow';
import { contentOf, loadPack, oneNode, runWorkflow, useBinaryMode, type RunOptions } from './support/n8n';
import { startEngine, type TestEngine } from './support/engine';
import { BACKDROP, PRODUCT, boxPhoto, photoItem, readPixels } from './support/photos';

/** The node inside n8n's own executor, with a real engine behind it. */
const NODE = 'Remove Background';
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  pack = await loadPack();
  engine = await startEngine();
});
afterAll(async () => await engine?.stop());
beforeEach(async () => await useBinaryMode('filesystem'));

async function run(parameters: IDataObject, options: RunOptions = {}, node: Partial<INode> = {}) {
  const credentials = { vitrineEngineApi: { id: '1', name: 'Engine' } };
  const definition = oneNode(
    { engineLocation: 'remote', model: 'plain', ...parameters },
    { credentials, ...node },
  );
  return await runWorkflow(pack, definition, {
    credentials: { vitrineEngineApi: { urls: engine.url, token: engine.token } },
    ...options,
  });
}

async function pixelsOf(output: Awaited<ReturnType<typeof run>>, field = 'data', item = 0) {
  return await readPixels(await contentOf(output.output(NODE)[item].binary![field]));
}

const near = (color: { r: number; g: number; b: number }) =>
  [color.r, color.g, color.b].map((value) => expect.closeTo(value, -1.2));

describe.each(['filesystem', 'default'] as const)('with files kept in %s mode', (mode) => {
  beforeEach(async () => await useBinaryMode(mode));

  it('cuts a product out and answers with the picture and what is known about it', async () => {
    const done = await run({}, { items: [await photoItem('mug.jpg', 240, 180)] });
    const [item] = done.output(NODE);
    expect(item.binary!.data).toMatchObject({
      fileName: 'mug.png',
      mimeType: 'image/png',
      fileExtension: 'png',
    });
    expect(Boolean(item.binary!.data.id)).toBe(mode === 'filesystem');
    expect(item.json).toEqual({
      mode: 'transparent',
      model: 'plain',
      device: 'cpu',
      format: 'png',
      width: 240,
      height: 180,
      bbox: [60, 45, 120, 90].map((value) => expect.closeTo(value, -1.3)),
      coverage: expect.closeTo(0.25, 1),
      confidence: expect.closeTo(1, 1),
      unsure: false,
      warnings: [],
      metrics: expect.objectContaining({ elapsed_ms: expect.any(Number) }),
    });
    const picture = await pixelsOf(done);
    expect(picture).toMatchObject({ format: 'png', width: 240, height: 180, channels: 4 });
    expect(picture.at(0.02, 0.02)[3]).toBe(0);
    expect(picture.at(0.5, 0.5)).toEqual([...near(PRODUCT), 255]);
  });

  it('puts the mask into a field of its own', async () => {
    const done = await run({ options: { maskField: 'cut' } }, { items: [await photoItem('mug.jpg')] });
    expect(done.output(NODE)[0].binary!.cut).toMatchObject({
      fileName: 'mug-mask.png',
      mimeType: 'image/png',
    });
    const mask = await pixelsOf(done, 'cut');
    expect(mask.channels).toBe(1);
    expect([mask.at(0, 0), mask.at(0.5, 0.5)]).toEqual([[0], [255]]);
  });

  it('lets a bad item fail alone and keeps the order of the others', async () => {
    const items = await Promise.all(
      [200, 40, 160, 80, 120].map((width, i) => photoItem(`${i}.jpg`, width, 90)),
    );
    items[2].files!.data.content = Buffer.from('this is no photo');
    const done = await run({}, { items }, { onError: 'continueRegularOutput' });
    const output = done.output(NODE);
    expect(output.map(({ json }) => json.width ?? json.error)).toEqual([
      200,
      40,
      'The file is plain text',
      80,
      120,
    ]);
    expect(output[2].json.details).toMatchObject({ hint: expect.any(String) });
    expect(output[2].binary).toBeUndefined();
    expect(output.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4].map((item) => ({ item })));
    expect(output.map(({ binary }) => binary?.data.fileName)).toEqual([
      '0.png',
      '1.png',
      undefined,
      '3.png',
      '4.png',
    ]);
  });
});

it('ends the run with the item that failed when it is not set to continue', async () => {
  const items = await Promise.all([1, 2, 3].map((i) => photoItem(`${i}.jpg`)));
  items[1].files!.data.content = Buffer.from('this is no photo');
  const done = await run({ options: { itemsInParallel: 1 } }, { items });
  expect(done.run.status).toBe('error');
  const error = done.error(NODE)!;
  expect(error.context?.itemIndex).toBe(1);
  expect(error.description).toBeTruthy();
  expect(error.message).not.toMatch(/error|problem|failure/i);
});

it('puts the product on a plain color', async () => {
  const parameters = { background: 'color', backgroundColor: '#0a64c8', options: { format: 'jpeg' } };
  const done = await run(parameters, { items: [await photoItem('mug.png')] });
  expect(done.output(NODE)[0].binary!.data).toMatchObject({ fileName: 'mug.jpg', mimeType: 'image/jpeg' });
  const picture = await pixelsOf(done);
  expect(picture).toMatchObject({ format: 'jpeg', channels: 3 });
  expect(picture.at(0.05, 0.05)).toEqual(near({ r: 10, g: 100, b: 200 }));
  expect(picture.at(0.5, 0.5)).toEqual(near(PRODUCT));
});

it('softens the background in the format of the photo, and ignores options that this operation hides', async () => {
  const parameters = { operation: 'softenBackground', options: { size: 300, decontaminate: false } };
  const done = await run(parameters, { items: [await photoItem('mug.jpg', 240, 180)] });
  expect(done.output(NODE)[0].json).toMatchObject({
    mode: 'soften',
    format: 'jpeg',
    width: 240,
    height: 180,
  });
  const picture = await pixelsOf(done);
  expect(picture.at(0.02, 0.02)).toEqual(near(BACKDROP));
  expect(picture.at(0.5, 0.5)).toEqual(near(PRODUCT));
});

it('gets the mask as the picture', async () => {
  const done = await run({ operation: 'getMask' }, { items: [await photoItem('mug.jpg')] });
  expect(done.output(NODE)[0].binary!.data.fileName).toBe('mug.png');
  const mask = await pixelsOf(done);
  expect([mask.channels, mask.at(0, 0), mask.at(0.5, 0.5)]).toEqual([1, [0], [255]]);
});

it('centers the product in a square', async () => {
  const done = await run(
    { options: { size: 200, padding: 0 } },
    { items: [await photoItem('mug.jpg', 240, 120)] },
  );
  const picture = await pixelsOf(done);
  expect(picture).toMatchObject({ width: 200, height: 200 });
  expect(picture.at(0.5, 0.5)[3]).toBe(255);
  expect(picture.at(0.5, 0.1)[3]).toBe(0);
});

it('crops to the product, leaving the padding', async () => {
  const done = await run(
    { options: { crop: true, padding: 10 } },
    { items: [await photoItem('mug.jpg', 240, 120)] },
  );
  const { width, height } = await pixelsOf(done);
  expect(width).toBeCloseTo(144, -1.4);
  expect(height).toBeCloseTo(84, -1.4);
});

it('keeps other files and, on request, the JSON fields of its input', async () => {
  const item = await photoItem('mug.jpg');
  item.files!.label = { content: Buffer.from('a label'), fileName: 'label.txt', mimeType: 'text/plain' };
  const parameters = { binaryPropertyOutput: 'cutout', options: { includeInputFields: true } };
  const [output] = (await run(parameters, { items: [item] })).output(NODE);
  expect(Object.keys(output.binary!).sort()).toEqual(['cutout', 'data', 'label']);
  expect(output.json).toMatchObject({ sku: 'mug.jpg', model: 'plain' });
});

it('takes its values from expressions, item by item', async () => {
  const items = [await photoItem('a.jpg'), await photoItem('b.jpg')];
  const [, second] = items;
  second.files = { other: second.files!.data };
  const parameters = {
    binaryPropertyName: '={{ Object.keys($binary)[0] }}',
    binaryPropertyOutput: '={{ $json.sku.replace(".jpg", "") }}',
  };
  const output = (await run(parameters, { items })).output(NODE);
  expect(output.map(({ binary }) => Object.keys(binary!))).toEqual([
    ['data', 'a'],
    ['other', 'b'],
  ]);
});

it('works where a workflow keeps its files among the JSON fields', async () => {
  const credentials = { vitrineEngineApi: { id: '1', name: 'Engine' } };
  const definition = oneNode(
    {
      engineLocation: 'remote',
      model: 'plain',
      binaryPropertyName: '_files.data',
      binaryPropertyOutput: 'cutout',
    },
    { credentials },
  );
  definition.settings = { ...definition.settings, binaryMode: 'combined' };
  const done = await runWorkflow(pack, definition, {
    items: [await photoItem('mug.jpg')],
    credentials: { vitrineEngineApi: { urls: engine.url, token: engine.token } },
  });
  const [{ json }] = done.output(NODE);
  const { cutout } = json._files as Record<string, IBinaryData>;
  expect(await readPixels(await contentOf(cutout))).toMatchObject({ format: 'png', channels: 4 });
});

describe('If Output Field Exists', () => {
  it('passes the item on as it came', async () => {
    const [output] = (
      await run({ options: { onExisting: 'skip' } }, { items: [await photoItem('mug.jpg')] })
    ).output(NODE);
    expect(output.json).toEqual({ sku: 'mug.jpg' });
    expect(output.binary!.data.fileName).toBe('mug.jpg');
    expect(output.pairedItem).toEqual({ item: 0 });
  });

  it('lets the item fail', async () => {
    const parameters = { options: { onExisting: 'stop' } };
    const done = await run(
      parameters,
      { items: [await photoItem('mug.jpg')] },
      { onError: 'continueRegularOutput' },
    );
    expect(done.output(NODE)[0].json.details).toMatchObject({ code: 'OUTPUT_EXISTS' });
  });

  it('counts the mask field too, and no other', async () => {
    const item = await photoItem('mug.jpg');
    const parameters = (maskField: string) => ({
      binaryPropertyOutput: 'cutout',
      options: { onExisting: 'skip', maskField },
    });
    expect((await run(parameters('data'), { items: [item] })).output(NODE)[0].json).toEqual({
      sku: 'mug.jpg',
    });
    expect((await run(parameters('mask'), { items: [item] })).output(NODE)[0].json.model).toBe('plain');
  });
});

describe('what is refused, with the words to mend it', () => {
  const refusals: [string, IDataObject, string, string][] = [
    [
      'a missing data field',
      { binaryPropertyName: 'photo' },
      "no data field 'photo'",
      'data fields are: data',
    ],
    ['an empty field name', { binaryPropertyOutput: ' ' }, 'Put Output File in Field', 'such as data'],
    ['one field for both files', { options: { maskField: 'data' } }, 'Put Mask in Field', 'another field'],
    ['too many items at once', { options: { itemsInParallel: 33 } }, 'Items in Parallel', 'from 1 to 32'],
    ['no time at all', { options: { timeout: 0 } }, 'Timeout', 'from 1 to'],
    ['a value that the engine does not know', { options: { quality: 500 } }, 'quality', '1 to 100'],
    ['JPEG with transparency', { options: { format: 'jpeg' } }, 'transparent', 'png or webp'],
    ['a model that is not there', { model: 'no-such-model' }, 'no-such-model', ''],
    ['an address that is none', { inputSource: 'url', url: 'mug.jpg' }, 'mug.jpg', 'https://'],
    [
      'an address in the own network',
      { inputSource: 'url', url: 'http://127.0.0.1:1/mug.jpg' },
      '127.0.0.1',
      '',
    ],
  ];

  it.each(refusals)('%s', async (_name, parameters, message, hint) => {
    const error = (await run(parameters, { items: [await photoItem('mug.jpg')] })).error(NODE)!;
    expect(error.message).toContain(message);
    expect(error.description).toContain(hint);
    expect(error.message).not.toMatch(/\berror|problem|failure/i);
  });

  it('an item without any file', async () => {
    const error = (await run({}, { items: [{ json: {} }] })).error(NODE)!;
    expect(error.message).toBe("The item has no data field 'data'");
    expect(error.description).toContain('no file at all');
  });

  it('a wrong token', async () => {
    const credentials = { vitrineEngineApi: { urls: engine.url, token: 'wrong' } };
    const error = (await run({}, { items: [await photoItem('mug.jpg')], credentials })).error(NODE)!;
    expect(error.message).toContain('token');
    expect(error.description).toContain('VITRINE_TOKEN');
  });

  it('a credential without an address', async () => {
    const credentials = { vitrineEngineApi: { urls: ' , ', token: '' } };
    const error = (await run({}, { items: [await photoItem('mug.jpg')], credentials })).error(NODE)!;
    expect(error.message).toContain('holds no address');
  });
});

it('asks another engine when the first one is not there', async () => {
  const credentials = {
    vitrineEngineApi: { urls: `http://127.0.0.1:1, ${engine.url}`, token: engine.token },
  };
  const done = await run({}, { items: [await photoItem('mug.jpg')], credentials });
  expect(done.output(NODE)[0].json.model).toBe('plain');
});

it('leaves no file on the engine', async () => {
  const items = [await photoItem('a.jpg'), await photoItem('b.jpg')];
  const done = await run({ options: { maskField: 'mask' } }, { items });
  expect(done.output(NODE)).toHaveLength(2);
  expect(engine.outputs()).toEqual([]);
});

it('cancels the work on the engine with the run', async () => {
  const content = await boxPhoto(5000, 4000);
  const items = Array.from({ length: 6 }, (_, i) => ({
    json: {},
    files: { data: { content, fileName: `${i}.jpg`, mimeType: 'image/jpeg' } },
  }));
  let cancel = () => undefined as void;
  const messages: string[] = [];
  const done = await run(
    { options: { itemsInParallel: 2 } },
    {
      items,
      onStart: (stop) => (cancel = stop),
      onMessage(message) {
        messages.push(message);
        if (message.includes('item 1 of 6, ')) cancel();
      },
    },
  );
  expect(done.run.status).toBe('canceled');
  expect(messages.join('\n')).not.toMatch(/item [3-6] of 6/);
  const after = await run({}, { items: [await photoItem('mug.jpg')] });
  expect(after.output(NODE)[0].json.model).toBe('plain');
});
