import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject, INode } from 'n8n-workflow';
import { parse as parseYaml } from 'yaml';
import { packageRoot } from '../../lib/contracts';
import { PIPELINES } from '../../nodes/Augment/pipelines';
import { writePackshot } from '../support/pictures';
import { startReceiver } from '../support/receiver';
import { listen } from '../support/web';
import { startEngine, type TestEngine } from './support/engine';
import { listOptions } from './support/load-options';
import {
  contentOf,
  loadPack,
  oneNode,
  type RunOptions,
  runWorkflow,
  type SourceItem,
  useBinaryMode,
} from './support/n8n';
import { readPixels } from './support/photos';

/** The node inside n8n's own executor, with a real engine behind it. */
const NODE = 'Augment';
const UPCS = ['4006381333931', '96385074'];
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;
let folder: string;
let photos: Buffer[];
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  await useBinaryMode('filesystem');
  pack = await loadPack();
  folder = mkdtempSync(join(tmpdir(), 'vitrine-data-set-'));
  const colors = [
    [200, 30, 40],
    [20, 90, 180],
  ] as const;
  photos = await Promise.all(
    colors.map(async (product, index) =>
      readFileSync(
        await writePackshot(folder, `photo-${index}.jpg`, { product: [...product], width: 160, height: 120 }),
      ),
    ),
  );
  receiver = await startReceiver();
  engine = await startEngine({
    ...{ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_DATA_ROOTS: folder, CALLBACK_URL: receiver.url },
  });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A data set of two classes with a photo each. */
function makeDataSet(name: string): string {
  const root = join(folder, name);
  for (const [index, upc] of UPCS.entries()) {
    mkdirSync(join(root, upc, 'real'), { recursive: true });
    writeFileSync(join(root, upc, 'real', 'photo.jpg'), photos[index]);
  }
  return root;
}

const made = (root: string, target: string) =>
  UPCS.flatMap((upc) => {
    const files = readdirSync(join(root, upc), { recursive: true }) as string[];
    return files.filter((file) => file.startsWith(`${target}/aug_`));
  }).length;
const credentialData = () => ({ vitrineEngineApi: { urls: engine.url, token: engine.token } });

async function run(parameters: IDataObject, options: RunOptions = {}, node: Partial<INode> = {}) {
  const { options: chosen, ...others } = parameters;
  const definition = oneNode(
    {
      ...{ engineLocation: 'remote', model: 'auto', synTarget: 2, realTarget: 3 },
      ...others,
      options: { size: 96, workers: 1, ...(chosen as IDataObject) },
    },
    {
      name: NODE,
      type: 'n8n-nodes-vitrine.augment',
      credentials: { vitrineEngineApi: { id: '1', name: 'Engine' } },
      ...node,
    },
  );
  const items = options.items ?? [{ json: { shelf: 'autumn' } }];
  return await runWorkflow(pack, definition, { credentials: credentialData(), ...options, items });
}

const photo = (index: number, upc: string, json: IDataObject = {}): SourceItem => ({
  json: { upc, ...json },
  files: { data: { content: photos[index], fileName: 'photo.jpg', mimeType: 'image/jpeg' } },
});

it('tops a folder up and gives one item with the seed’s JSON and the report in a data field', async () => {
  const root = makeDataSet('shelf');
  const done = await run({ datasetPath: root });
  const [{ json, binary }, ...others] = done.output(NODE);
  expect(others).toEqual([]);
  expect(json).toMatchObject({
    ...{ status: 'success', type: 'augmentation', dataset_id: null, syn_produced: 4, real_produced: 4 },
    ...{ dataset_path: root, augmentation_path: `${root}-augmentation`, seed: 0 },
  });
  expect(Object.keys((json.report as { totals: object }).totals)).toEqual(
    expect.arrayContaining(['classes', 'syn', 'real', 'skipped']),
  );
  expect((json.report as { items: { upc: string }[] }).items.map(({ upc }) => upc)).toEqual(UPCS);
  expect(json.artifacts).toBeUndefined();
  expect([made(root, 'syn'), made(root, 'real')]).toEqual([4, 4]);
  expect(binary!.data).toMatchObject({ fileName: 'shelf-report.html', mimeType: 'text/html' });
  const page = (await contentOf(binary!.data)).toString();
  expect(page).toMatch(/^<!doctype html>/);
  for (const upc of UPCS) expect(page).toContain(upc);
  expect(readFileSync(join(`${root}-augmentation`, 'report.html'), 'utf8')).toBe(page);
  expect(engine.outputs()).toEqual([]);

  const again = await run({ datasetPath: root });
  expect(again.output(NODE)[0].json).toMatchObject({ syn_produced: 0, real_produced: 0 });
});

it('takes pipelines, format, labels and a split, and tells CALLBACK_URL of a job with an ID', async () => {
  const root = makeDataSet('labelled');
  const options = {
    synPipeline: ['real'],
    realPipeline: [],
    format: 'webp',
    labels: 'coco',
    masks: true,
    seed: 5,
  };
  const done = await run({ datasetPath: root, jobId: 'job-7', synTarget: 1, realTarget: 1, options });
  const [{ json }] = done.output(NODE);
  expect(json).toMatchObject({ syn_produced: 2, real_produced: 0, seed: 5 });
  const [{ syn }] = (json.report as { items: { syn: { pipelines: object } }[] }).items;
  expect(syn.pipelines).toEqual({ real: 1 });
  expect(readdirSync(join(root, UPCS[0], 'syn'))).toEqual([expect.stringMatching(/^aug_\d+\.webp$/)]);
  const told = receiver.received.map(({ json: body }) => [body.job_id, body.type, body.status]);
  expect(told).toEqual([
    ['job-7', 'augmentation', 'processing'],
    ['job-7', 'augmentation', 'completed'],
  ]);
});

describe('input items', () => {
  it('are one data set, grouped by their UPC: a summary with the report, then an item for each new picture', async () => {
    const background = { json: {}, files: photo(1, '').files };
    const items = [
      photo(0, UPCS[0], { role: 'real' }),
      photo(1, UPCS[1], { role: 'real' }),
      { ...background, json: { role: 'background' } },
    ];
    const done = await run(
      { source: 'items', role: '={{ $json.role }}', options: { includeInputFields: true } },
      { items },
    );
    const [summary, ...pictures] = done.output(NODE);
    expect(summary.json).toMatchObject({
      ...{ item: 'summary', status: 'success', type: 'augmentation', dataset_id: null, dataset_path: null },
      ...{ augmentation_path: null, syn_produced: 4, real_produced: 4 },
    });
    expect(summary.json.pictures).toBeUndefined();
    expect(summary.pairedItem).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
    expect(summary.binary!.data).toMatchObject({ fileName: 'data-set-report.html', mimeType: 'text/html' });
    const page = (await contentOf(summary.binary!.data)).toString();
    for (const upc of UPCS) expect(page).toContain(upc);

    expect(pictures).toHaveLength(8);
    expect(pictures.map(({ json, pairedItem }) => [json.upc, json.target, pairedItem])).toEqual(
      UPCS.flatMap((upc, item) => ['syn', 'syn', 'real', 'real'].map((target) => [upc, target, { item }])),
    );
    for (const { json, binary } of pictures) {
      expect(json).toMatchObject({
        item: 'picture',
        role: 'real',
        boxes: expect.any(Array),
        visible: expect.any(Number),
      });
      expect(json.source).toBe(`${json.upc}/real/photo.jpg`);
      expect(Object.keys(binary!)).toEqual(['data']);
      expect(await readPixels(await contentOf(binary!.data))).toMatchObject({ format: 'jpeg' });
    }
    expect(pictures[0].binary!.data.fileName).toMatch(new RegExp(`^${UPCS[0]}-syn-aug_\\d+\\.jpg$`));
    expect(engine.outputs()).toEqual([]);
  });

  it('give the same pictures each time, whatever n8n calls their files', async () => {
    const sizes = async (fileName: string) => {
      const items = [photo(0, UPCS[0])];
      items[0].files!.data = { content: photos[0], fileName, mimeType: 'image/jpeg' };
      const done = await run({ source: 'items', synTarget: 1, realTarget: 2 }, { items });
      const [, ...pictures] = done.output(NODE);
      return Promise.all(
        pictures.map(async ({ binary }) => (await contentOf(binary!.data)).toString('base64')),
      );
    };
    const first = await sizes('mug.jpg');
    expect(first).toHaveLength(2);
    expect(await sizes('Tasse "groß" 100%')).toEqual(first);
  });

  it.each<[IDataObject, IDataObject, string]>([
    [{ sku: 'a' }, {}, 'upc'],
    [{ upc: '../../etc' }, {}, 'upc'],
    [{ upc: UPCS[0] }, { role: '={{ "photo" }}' }, 'photo'],
    [{ upc: UPCS[0] }, { role: 'background' }, 'no picture of a product'],
    [{ upc: UPCS[0] }, { binaryPropertyName: 'picture' }, "no data field 'picture'"],
    [{ upc: UPCS[0] }, { synTarget: 9000 }, '5000'],
  ])('%j with %j says what is wrong', async (json, parameters, words) => {
    const items = [{ ...photo(0, ''), json }];
    const error = (await run({ source: 'items', ...parameters }, { items })).error(NODE)!;
    expect(error.message).toContain(words);
    expect(error.description).toBeTruthy();
  });
});

it('with the Supabase credential its project is asked, with its key', async () => {
  const chosen = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    vitrineSupabaseApi: { id: '2', name: 'Supabase' },
  };
  const asked: unknown[] = [];
  const url = await listen((request, response) => {
    asked.push(request.headers.apikey);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"no"}');
  });
  const credentials = { ...credentialData(), vitrineSupabaseApi: { url, apiKey: 'sb_secret_of_the_test' } };
  const done = await run({ source: 'supabase', datasetId: 'd-1' }, { credentials }, { credentials: chosen });
  expect(done.error(NODE)!.message).toContain('Supabase');
  expect(asked[0]).toBe('sb_secret_of_the_test');
});

it.each([
  [{}, 'Dataset Path'],
  [{ source: 'supabase' }, 'Dataset ID'],
  [{ source: '={{ "folder" }}', datasetPath: '/data/a', datasetId: 'b' }, 'dataset_path'],
  [{ datasetPath: '/etc' }, '/etc'],
  [{ datasetPath: '={{ "/gone" }}' }, '/gone'],
  [{ source: 'supabase', datasetId: 'd-1' }, 'Supabase'],
])('%j says what is wrong', async (parameters, words) => {
  const error = (await run(parameters)).error(NODE)!;
  expect(error.message).toContain(words);
  expect(error.description).toBeTruthy();
});

it('lists the pipelines of the engine, and those of the package where there is none', async () => {
  const packaged = parseYaml(readFileSync(join(packageRoot, 'models/augmentations.yaml'), 'utf8')) as {
    pipelines: object;
  };
  expect(PIPELINES.map(({ value }) => value)).toEqual(Object.keys(packaged.pipelines).sort());
  const credentials = { urls: engine.url, token: engine.token };
  const offered = await listOptions(
    pack,
    ['augment', 'getPipelines'],
    { engineLocation: 'remote' },
    credentials,
  );
  expect(offered.map(({ value }) => value)).toEqual(['heavy', 'light', 'real']);
});
