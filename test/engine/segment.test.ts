import { openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { SegmentResult } from '../../lib/contracts';
import { type TestEngine, startEngine } from '../support/engine';
import { type Gemini, failure, startGemini, words } from '../support/gemini';
import { type ProductVideo, makeProductVideo } from '../support/product-video';
import { type Receiver, answer, startReceiver } from '../support/receiver';
import { type TestSupabase, refuse, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { tempFolder } from '../support/temp';
import { ffmpegPath } from '../support/videos';
import { listen } from '../support/web';

/** The older video worker's job, from its JSON to its JSON, against a Supabase, a Gemini and a backend that listen here. */
const SCHEMA = `create table products (
  id text primary key, metadata jsonb, frame_count integer, frames_url text, primary_image_url text
);`;
const CAN = {
  brand_name_evidence: 'Coca-Cola, on the front',
  brand_name: 'Coca-Cola',
  brand_name_confidence: 0.99,
  product_name_evidence: 'Classic',
  product_name: 'Classic',
  product_name_confidence: 0.9,
};
const folder = tempFolder();
let engine: TestEngine;
let can: ProductVideo;
let gemini: Gemini;
let receiver: Receiver;
let address: string;
let project: TestSupabase | undefined;

beforeAll(async () => {
  can = await makeProductVideo(folder, 'can.mp4', { frames: 4 });
  const bytes = readFileSync(can.file);
  address = await listen((_request, response) => response.end(bytes));
  gemini = await startGemini();
  receiver = await startReceiver();
  if (!supabaseNote) {
    project = await startSupabase(SCHEMA);
    await project.makeBucket('frames');
  }
  engine = await startEngine(folder, {
    ...{ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_OFFLINE: 'true', FFMPEG_PATH: ffmpegPath },
    ...{ VITRINE_GEMINI_URL: gemini.url, CALLBACK_URL: receiver.url, VITRINE_DATA_ROOTS: folder },
    ...(project && { SUPABASE_URL: project.url, SUPABASE_KEY: project.key }),
  });
});
afterAll(() => engine?.stop());
beforeEach(() => {
  gemini.asked.splice(0);
  gemini.script = [words(JSON.stringify(CAN))];
  receiver.received.length = 0;
  receiver.script = [answer(200)];
});

const post = (body: object) =>
  fetch(`${engine.url}/video/segment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const states = () => receiver.received.map(({ json }) => (json as { status: string }).status);

test('a form with the video: frames, a contact sheet and their facts, under links that work', async () => {
  const form = new FormData();
  form.append('video', await openAsBlob(can.file), 'can.mp4');
  form.append('size', '64');
  const response = await fetch(`${engine.url}/video/segment`, { method: 'POST', body: form });
  const result = (await response.json()) as SegmentResult;
  expect(result).toMatchObject({
    ...{ status: 'success', barcode: null, product_id: null, metadata: null, frame_count: 4 },
    ...{ frames_url: null, primary_image_url: null, tracker: 'cutouts', model: 'u2netp' },
  });
  expect(Object.keys(result.artifacts).sort()).toEqual([
    ...['frame_0001', 'frame_0002', 'frame_0003', 'frame_0004', 'sheet'],
  ]);
  const frame = Buffer.from(await (await fetch(result.artifacts.frame_0003 ?? '')).arrayBuffer());
  expect(await sharp(frame).metadata()).toMatchObject({ width: 64, height: 64, hasAlpha: true });
  for (const link of Object.values(result.artifacts))
    expect((await fetch(link ?? '', { method: 'DELETE' })).ok).toBe(true);
  expect(receiver.received).toEqual([]);
  expect(engine.tempFiles()).toEqual([]);
});

(supabaseNote ? test.skip : test)(
  `the seed's JSON gives the seed's JSON: frames and metadata in Supabase, the row updated, the backend told${supabaseNote}`,
  async () => {
    const id = '0d2f9c1e-0000-4222-8333-000000000001';
    await project!.insert('products', { id });
    const response = await post({
      ...{ video_url: `${address}/can.mp4`, barcode: '8690504012345', video_id: 12345, product_id: id },
      ...{ job_id: 'job-1', size: 64, secrets: { gemini_api_key: 'AIza-0123456789' } },
    });
    const result = (await response.json()) as SegmentResult;
    const base = `${project!.url}/storage/v1/object/public/frames/${id}/`;
    expect(result).toMatchObject({
      ...{ status: 'success', barcode: '8690504012345', product_id: id, frame_count: 4, frames_url: base },
      metadata: {
        brand_info: { brand_name: 'Coca-Cola' },
        product_identity: { product_name: 'Classic', variant: null },
      },
      primary_image_url: `${base}${result.primary}.png`,
    });
    expect(
      (await sharp(Buffer.from(await (await fetch(`${base}frame_0004.png`)).arrayBuffer())).metadata()).width,
    ).toBe(64);
    const document = (await (await fetch(`${base}metadata.json`)).json()) as object;
    expect(document).toMatchObject({
      barcode: '8690504012345',
      frames: [{ file: 'frame_0001.png' }, {}, {}, {}],
    });
    expect(states()).toEqual(['processing', 'completed']);
    expect(receiver.received[1].json).toMatchObject({
      ...{ job_id: 'job-1', type: 'video_processing' },
      result: { status: 'success', frame_count: 4, frames_url: base },
    });
    expect(engine.log()).not.toContain('AIza-0123456789');
  },
);

(supabaseNote ? test.skip : test)(
  `uploads that are refused fail the job, leave nothing, and the backend is told why${supabaseNote}`,
  async () => {
    const id = '0d2f9c1e-0000-4222-8333-000000000002';
    await project!.insert('products', { id });
    const fault = refuse(403, { statusCode: '403', error: 'Unauthorized', message: 'row-level security' });
    project!.faults = [{ meets: ({ path }) => path.includes('frame_0003'), fault }];
    const response = await post({
      ...{ video_url: `${address}/can.mp4`, product_id: id, job_id: 'job-2', size: 64, sheet: false },
    });
    project!.faults = [];
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(states()).toEqual(['processing', 'failed']);
    expect((await fetch(`${project!.url}/storage/v1/object/public/frames/${id}/frame_0001.png`)).ok).toBe(
      false,
    );
    expect(engine.tempFiles()).toEqual([]);
  },
);

test('metadata that nobody can read is a warning, unless it was asked for expressly', async () => {
  gemini.script = [failure(400, 'API key not valid')];
  const asked = { video_path: can.file, size: 32, sheet: false, supabase: 'off' };
  const secrets = { gemini_api_key: 'AIza-wrong' };
  const result = (await (await post({ ...asked, secrets })).json()) as SegmentResult;
  expect(result.metadata).toBeNull();
  expect(result.warnings.join(' ')).toContain('The product could not be described');
  const refused = await post({ ...asked, secrets, metadata: 'on' });
  expect(refused.status).toBeGreaterThanOrEqual(400);
});

test('a text finds its object by Gemini where nothing here does', async () => {
  const [x, y, w, h] = can.boxes[1]!;
  const box = [y / 0.24, x / 0.32, (y + h) / 0.24, (x + w) / 0.32].map(Math.round);
  gemini.script = [words(JSON.stringify({ label: 'can', box_2d: box }))];
  const asked = {
    video_path: can.file,
    prompt: 'red can',
    size: 32,
    sheet: false,
    metadata: 'off',
    supabase: 'off',
  };
  const result = (await (
    await post({ ...asked, secrets: { gemini_api_key: 'AIza-1' } })
  ).json()) as SegmentResult;
  expect(result.frame_count).toBe(4);
  expect(gemini.asked[0].body.contents[0].parts[0].text).toContain('red can');
});

test('a video that cannot be fetched fails with its reason, and the backend is told', async () => {
  const response = await post({ video_url: 'http://127.0.0.1:9/none.mp4', job_id: 'job-3' });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(((await response.json()) as { error: { code: string } }).error.code).toBe('FETCH_FAILED');
  expect(states()).toEqual(['processing', 'failed']);
  expect(receiver.received[1].json).toMatchObject({
    job_id: 'job-3',
    error: expect.stringContaining('127.0.0.1:9'),
  });
});

test('what is no video, and what is not given, is said', async () => {
  const form = new FormData();
  form.append('video', await openAsBlob(join(folder, 'can.mp4-frames', '0000.png')), 'no.mp4');
  const picture = await fetch(`${engine.url}/video/segment`, { method: 'POST', body: form });
  expect(picture.status).toBe(422);
  const nothing = await post({ size: 64 });
  expect(nothing.status).toBe(400);
  expect(await nothing.text()).toContain('video_url');
});
