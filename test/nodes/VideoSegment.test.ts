import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject, INode } from 'n8n-workflow';
import { writeClip } from '../support/clip';
import { tinyModels } from '../support/models';
import { startReceiver } from '../support/receiver';
import { listen } from '../support/web';
import { startEngine, type TestEngine } from './support/engine';
import { listOptions } from './support/load-options';
import { contentOf, loadPack, oneNode, type RunOptions, runWorkflow, useBinaryMode } from './support/n8n';
import { readPixels } from './support/photos';

/** The node inside n8n's own executor, with a real engine behind it. */
const NODE = 'Video Segment';
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;
let base: string;
let folder: string;
let clip: Buffer;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  await useBinaryMode('filesystem');
  pack = await loadPack();
  folder = mkdtempSync(join(tmpdir(), 'vitrine-videos-'));
  clip = readFileSync(writeClip(folder, 'clip.mp4', 4));
  base = await listen((request, response) => {
    if (request.url?.startsWith('/walk.mp4')) response.end(clip);
    else response.writeHead(404).end();
  });
  receiver = await startReceiver();
  engine = await startEngine({
    ...{
      VITRINE_ALLOW_HOSTS: '127.0.0.1',
      VITRINE_DATA_ROOTS: folder,
      VITRINE_MODELS_DIR: tinyModels(folder),
    },
    CALLBACK_URL: receiver.url,
  });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const credentialData = () => ({ vitrineEngineApi: { urls: engine.url, token: engine.token } });
const item = () => ({
  json: { sku: 'mug' },
  files: { data: { content: clip, fileName: 'mug.mp4', mimeType: 'video/mp4' } },
});

async function run(parameters: IDataObject, options: RunOptions = {}, node: Partial<INode> = {}) {
  const { options: chosen, ...others } = parameters;
  const definition = oneNode(
    {
      ...{ engineLocation: 'remote', model: 'my-birefnet' },
      ...others,
      options: { size: 64, ...(chosen as IDataObject) },
    },
    {
      name: NODE,
      type: 'n8n-nodes-vitrine.videoSegment',
      credentials: { vitrineEngineApi: { id: '1', name: 'Engine' } },
      ...node,
    },
  );
  return await runWorkflow(pack, definition, { items: [item()], credentials: credentialData(), ...options });
}

it('gives an item for each frame, with its picture, its facts and those of the video', async () => {
  const messages: string[] = [];
  const done = await run(
    { barcode: '8690504012345', videoId: '={{ 12345 }}' },
    {
      onMessage: (message) => messages.push(message),
    },
  );
  const output = done.output(NODE);
  expect(output.map(({ json }) => [json.frame, json.index])).toEqual([
    ['frame_0001', 0],
    ['frame_0002', 1],
    ['frame_0003', 2],
    ['frame_0004', 3],
  ]);
  expect(output.map(({ pairedItem }) => pairedItem)).toEqual(output.map(() => ({ item: 0 })));
  expect(output.filter(({ json }) => json.is_primary)).toHaveLength(1);
  const [{ json, binary }] = output;
  expect(json).toMatchObject({
    ...{ status: 'success', barcode: '8690504012345', video_id: 12345, product_id: null },
    ...{ frame_count: 4, frames_url: null, primary_image_url: null, metadata: null },
    ...{ seconds: 0, confidence: expect.any(Number), unsure: expect.any(Boolean), bbox: expect.any(Array) },
    ...{ format: 'png', width: 64, height: 64, model: 'my-birefnet', device: 'cpu' },
  });
  expect(json.artifacts).toBeUndefined();
  expect(binary!.data).toMatchObject({ fileName: 'mug-frame_0001.png', mimeType: 'image/png' });
  const picture = await readPixels(await contentOf(binary!.data));
  expect(picture).toMatchObject({ format: 'png', width: 64, height: 64, channels: 4 });
  expect([picture.at(0, 0)[3], picture.at(0.5, 0.5)[3]]).toEqual([0, 255]);
  expect(messages.some((message) => /frame \d+ of 4/.test(message))).toBe(true);
  expect(engine.outputs()).toEqual([]);
});

it('keeps the input’s other files beside each frame, and the video in none', async () => {
  const label = { content: Buffer.from('label'), fileName: 'label.txt', mimeType: 'text/plain' };
  const { data } = item().files;
  const items = [{ json: {}, files: { video: data, label } }];
  const done = await run({ binaryPropertyName: 'video', options: { maxFrames: 2 } }, { items });
  const fields = done.output(NODE).map(({ binary }) => Object.keys(binary!).sort());
  expect(fields).toEqual([
    ['data', 'label'],
    ['data', 'label'],
  ]);
});

it('gives one item with the seed’s JSON, contact sheet, preview and ZIP', async () => {
  const files = { sheetField: 'sheet', previewField: 'moving', preview: 'gif', zipField: 'zip' };
  const source = { inputSource: 'url', videoUrl: `${base}/walk.mp4?token=1` };
  const done = await run({ ...source, output: 'oneItem', options: { ...files, includeInputFields: true } });
  const [{ json, binary }, ...others] = done.output(NODE);
  expect(others).toEqual([]);
  expect(json).toMatchObject({ sku: 'mug', status: 'success', frame_count: 4, metadata: null });
  expect(json.frames).toHaveLength(4);
  expect(Object.fromEntries(Object.entries(binary!).map(([field, file]) => [field, file.fileName]))).toEqual({
    ...{ data: 'mug.mp4', sheet: 'walk-sheet.jpg', moving: 'walk-preview.gif', zip: 'walk-zip.zip' },
  });
  expect((await contentOf(binary!.zip)).subarray(0, 2).toString()).toBe('PK');
  expect((await contentOf(binary!.moving)).subarray(0, 3).toString()).toBe('GIF');
  expect(engine.outputs()).toEqual([]);
});

it('takes a path that the engine may read, a box, and a color behind the product', async () => {
  const product = { findBy: 'box', box: '24, 32, 48, 56', promptFrame: 0 };
  const background = { background: 'color', backgroundColor: '#00ff00' };
  const source = { inputSource: 'path', videoPath: join(folder, 'clip.mp4') };
  const done = await run({ ...source, ...product, ...background, options: { maxFrames: 1, format: 'webp' } });
  const [{ binary }] = done.output(NODE);
  expect(binary!.data.fileName).toBe('clip-frame_0001.webp');
  const [red, green] = (await readPixels(await contentOf(binary!.data))).at(0.02, 0.02);
  expect([red < 40, green > 215]).toEqual([true, true]);
});

it('takes a point on the product', async () => {
  const product = { findBy: 'point', point: '48, 60', promptFrame: 0 };
  const done = await run({ ...product, options: { maxFrames: 1 } });
  expect(done.output(NODE)).toHaveLength(1);
});

it('tells CALLBACK_URL of a job with an ID, signed with the credential', async () => {
  const chosen = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    vitrineWebhookApi: { id: '2', name: 'Webhook' },
  };
  const credentials = { ...credentialData(), vitrineWebhookApi: { secret: 'whsec_c2VjcmV0' } };
  await run({ jobId: 'job-7', options: { maxFrames: 1 } }, { credentials }, { credentials: chosen });
  const told = receiver.received.map(({ json }) => json);
  expect(told.at(-1)).toMatchObject({ job_id: 'job-7', type: 'video_processing', status: 'completed' });
  expect(receiver.received.at(-1)!.headers['webhook-signature']).toMatch(/^v1,/);
});

it('with the Supabase credential its project is asked, with its key', async () => {
  const chosen = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    vitrineSupabaseApi: { id: '2', name: 'Supabase' },
  };
  const asked: { url?: string; key?: unknown }[] = [];
  const url = await listen((request, response) => {
    asked.push({ url: request.url, key: request.headers.apikey });
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"no"}');
  });
  const credentials = { ...credentialData(), vitrineSupabaseApi: { url, apiKey: 'sb_secret_of_the_test' } };
  const done = await run({ productId: 'p-1' }, { credentials }, { credentials: chosen });
  expect(done.error(NODE)!.message).toContain('Supabase');
  expect(asked[0]).toMatchObject({ key: 'sb_secret_of_the_test' });
  const off = await run(
    { productId: 'p-1', supabase: 'off', options: { maxFrames: 1 } },
    { credentials },
    { credentials: chosen },
  );
  expect(off.output(NODE)).toHaveLength(1);
});

describe('what fails', () => {
  it('costs its own item only, when the node goes on', async () => {
    const bad = { json: {}, files: { data: { content: Buffer.from('hello'), fileName: 'notes.mp4' } } };
    const done = await run(
      { options: { maxFrames: 1 } },
      { items: [bad, item()] },
      {
        onError: 'continueRegularOutput',
      },
    );
    const [first, second] = done.output(NODE);
    expect(first.json).toMatchObject({ details: { code: expect.any(String), hint: expect.any(String) } });
    expect(first.binary).toBeUndefined();
    expect([second.json.frame, second.pairedItem]).toEqual(['frame_0001', { item: 1 }]);
  });

  it.each([
    [{ inputSource: 'url', videoUrl: 'mug.mp4' }, 'Video URL'],
    [{ inputSource: 'path', videoPath: '/etc/hostname' }, '/etc/hostname'],
    [{ findBy: 'box', box: '1, 2' }, 'box'],
    [{ findBy: 'box' }, 'Box'],
    [{ findBy: '={{ "prompt" }}' }, 'Prompt'],
    [{ supabase: 'on', productId: 'p-1' }, 'Supabase'],
    [{ binaryPropertyName: 'video' }, "no data field 'video'"],
  ])('%j says what is wrong', async (parameters, words) => {
    const error = (await run(parameters)).error(NODE)!;
    expect(error.message).toContain(words);
    expect(error.description).toBeTruthy();
  });
});

it('offers the networks that cut or track, Auto first', async () => {
  const credentials = { urls: engine.url, token: engine.token };
  const offered = await listOptions(
    pack,
    ['videoSegment', 'getModels'],
    { engineLocation: 'remote' },
    credentials,
  );
  const ids = offered.map(({ value }) => value);
  expect(ids[0]).toBe('auto');
  expect(ids).toEqual(expect.arrayContaining(['u2netp', 'my-birefnet', 'sam2.1-tiny']));
  expect(ids).not.toContain('plain');
  expect(ids).not.toContain('grounding-dino-tiny');
});
