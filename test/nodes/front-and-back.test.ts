import { inspect } from 'node:util';
import type { IDataObject, INode } from 'n8n-workflow';
import { type Gemini, echo, failure, startGemini } from '../support/gemini';
import { tinyModels } from '../support/models';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';
import { type TestEngine, startEngine } from './support/engine';
import { contentOf, loadPack, oneNode, runWorkflow, useBinaryMode } from './support/n8n';
import { boxPhoto, readPixels } from './support/photos';

/** The operation Process Front and Back, with a real engine and a stand-in for Gemini behind it. */
const NODE = 'Remove Background';
const KEY = 'AIza-very-secret-0123';
const OUTPUTS = ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'];
const models = tinyModels(tempFolder());
let engine: TestEngine;
let gemini: Gemini;
let base: string;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  pack = await loadPack();
  gemini = await startGemini();
  const photo = await boxPhoto(200, 150);
  base = await listen((request, response) => {
    if (/^\/(front|back)/.test(request.url!)) response.end(photo);
    else response.writeHead(404).end();
  });
  engine = await startEngine({
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    VITRINE_MODELS_DIR: models,
    VITRINE_GEMINI_URL: gemini.url,
  });
});
afterAll(async () => await engine?.stop());
beforeEach(async () => {
  await useBinaryMode('filesystem');
  gemini.asked.splice(0);
});

interface Extras {
  node?: Partial<INode>;
  items?: { json: IDataObject }[];
  gemini?: boolean;
  onMessage?(message: string): void;
}

async function run(parameters: IDataObject = {}, { node, items, onMessage, ...extras }: Extras = {}) {
  const credentials = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    ...(extras.gemini && { vitrineGeminiApi: { id: '2', name: 'Gemini' } }),
  };
  const all = {
    engineLocation: 'remote',
    operation: 'processFrontAndBack',
    frontUrl: `${base}/front.jpg`,
    backUrl: `${base}/back.jpg`,
    birefnetModel: 'my-birefnet',
    ...parameters,
  };
  const done = await runWorkflow(pack, oneNode(all, { credentials, ...node }), {
    items: items ?? [{ json: { sku: 'mug' } }],
    credentials: {
      vitrineEngineApi: { urls: engine.url, token: engine.token },
      vitrineGeminiApi: { apiKey: KEY },
    },
    onMessage,
  });
  expect(inspect(done.run, { depth: 30 })).not.toContain(KEY);
  return done;
}

it('answers in the seed’s shape, with each picture in a field of its name', async () => {
  const messages: string[] = [];
  const done = await run({ designId: '123' }, { onMessage: (message) => messages.push(message) });
  const [item] = done.output(NODE);
  expect(item.json).toMatchObject({
    id: '123',
    processing_time_seconds: expect.any(Number),
    errors: {},
    models: { front_rmbg: { model: 'rmbg-2.0', device: 'cpu' } },
    cleaned_up_by: null,
    warnings: [],
  });
  expect(Object.keys(item.binary!)).toEqual(OUTPUTS);
  for (const output of OUTPUTS) {
    expect(item.json[output]).toMatch(/^http.+binary-data\/signed\?token=/);
    expect(item.binary![output].fileName).toBe(`design_123_${output}.png`);
    const picture = await readPixels(await contentOf(item.binary![output]));
    expect(picture).toMatchObject({ format: 'png', width: 200, height: 150, channels: 4 });
    expect([picture.at(0, 0)[3], picture.at(0.5, 0.5)[3]]).toEqual([0, 255]);
  }
  expect(engine.outputs()).toEqual([]);
  expect(messages.at(-1)).toMatch(/item 1 of 1 done by rmbg-2\.0 on cpu and my-birefnet on cpu in [\d.]+ s/);
});

it('names files instead of links where n8n keeps files in its items', async () => {
  await useBinaryMode('default');
  const [{ json }] = (await run({ designId: 'a/b', backUrl: '' })).output(NODE);
  expect(json).toMatchObject({
    id: 'a/b',
    front_rmbg: 'design_a-b_front_rmbg.png',
    back_rmbg: null,
    back_birefnet: null,
  });
});

it('keeps number ids numbers, and takes URLs from expressions', async () => {
  const parameters = {
    designId: '={{ $json.id }}',
    frontUrl: '={{ $json.output.front }}',
    backUrl: '={{ $json.output.back }}',
  };
  const items = [{ json: { id: 123, output: { front: `${base}/front.jpg` } } }];
  const [{ json, binary }] = (await run(parameters, { items })).output(NODE);
  expect([json.id, json.back_rmbg, Object.keys(binary!)]).toEqual([123, null, OUTPUTS.slice(0, 2)]);
});

it('gives each item an id of its own', async () => {
  const items = [{ json: { sku: 'a' } }, { json: { sku: 'b' } }];
  const done = await run({ backUrl: '', options: { includeInputFields: true } }, { items });
  expect(done.output(NODE).map(({ json }) => [json.sku, json.id])).toEqual([
    ['a', '1-1'],
    ['b', '1-2'],
  ]);
});

it('leaves the files on the engine when asked, with its links', async () => {
  const [{ json }] = (await run({ designId: 'k', backUrl: '', options: { keepOnEngine: true } })).output(
    NODE,
  );
  const url = json.front_rmbg as string;
  expect(url).toMatch(new RegExp(`^${engine.url}/outputs/design_k_[\\w-]{22}_front_rmbg\\.png$`));
  expect(engine.outputs()).toHaveLength(2);
  for (const link of [url, json.front_birefnet as string])
    await fetch(link, { method: 'DELETE', headers: { Authorization: `Bearer ${engine.token}` } });
  expect(engine.outputs()).toEqual([]);
});

it('one failed picture is told, and spoils nothing', async () => {
  const done = await run({ backUrl: `${base}/missing.jpg` });
  const [{ json, binary }] = done.output(NODE);
  expect(json).toMatchObject({
    back_rmbg: null,
    errors: { back_rmbg: { code: 'FETCH_FAILED', message: expect.stringContaining('/missing.jpg') } },
  });
  expect(Object.keys(binary!)).toEqual(OUTPUTS.slice(0, 2));
  expect(done.hints(NODE).join()).toContain('back_rmbg: Could not download');
});

it('fails where nothing could be made, with the engine’s words', async () => {
  const error = (await run({ frontUrl: `${base}/missing.jpg`, backUrl: '' })).error(NODE)!;
  expect(error.message).toContain('front_rmbg, front_birefnet: Could not download');
  expect(error.description).toContain('Open the address');
  expect(engine.outputs()).toEqual([]);
});

it.each<[string, IDataObject, string]>([
  ['no front', { frontUrl: '={{ $json.nothing }}' }, 'Expected Front URL to be an address'],
  ['a back that is no address', { backUrl: 'back.png' }, 'Expected Back URL to be an address'],
  ['a clean-up without a prompt', { cleanUp: true, cleanUpPrompt: ' ' }, 'Expected Prompt to be a text'],
  ['a model that is none', { rmbgModel: '../x' }, 'Expected rmbg_model'],
])('refuses %s', async (_, parameters, message) => {
  expect((await run(parameters)).error(NODE)!.message).toContain(message);
});

describe('Clean Up with Gemini First', () => {
  const prompt = { cleanUp: true, cleanUpPrompt: 'Take the price tag off.', backUrl: '' };

  it('sends prompt and key with the job, and the key nowhere else', async () => {
    gemini.script = [echo];
    const messages: string[] = [];
    const options = { geminiModel: 'gemini-9-image' };
    const done = await run(
      { ...prompt, options },
      { gemini: true, onMessage: (text) => messages.push(text) },
    );
    expect(done.output(NODE)[0].json.cleaned_up_by).toBe('gemini-9-image');
    expect(gemini.asked).toHaveLength(1);
    expect(gemini.asked[0]).toMatchObject({ key: KEY, path: expect.stringContaining('/gemini-9-image:') });
    expect(gemini.asked[0].body.contents[0].parts[0].text).toBe(prompt.cleanUpPrompt);
    expect(messages.join()).not.toContain(KEY);
  });

  it('a prompt that is switched off is not sent', async () => {
    const done = await run({ ...prompt, cleanUp: false }, { gemini: true });
    expect([done.output(NODE)[0].json.cleaned_up_by, gemini.asked]).toEqual([null, []]);
  });

  it('says how to bring a key', async () => {
    const error = (await run(prompt)).error(NODE)!;
    expect(error.message).toContain('no Gemini key');
    expect(error.description).toContain('GEMINI_API_KEY');
  });

  it('passes on what Gemini says of the key', async () => {
    gemini.script = [failure(400, `Bad key ${KEY}`, [{ reason: 'API_KEY_INVALID' }])];
    const error = (await run(prompt, { gemini: true })).error(NODE)!;
    expect(error.message).toContain('Gemini did not accept the key');
  });
});
