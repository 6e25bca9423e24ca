import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { writeClip } from '../support/clip';
import { json as geminiAnswers, startGemini } from '../support/gemini';
import { type Receiver, startReceiver } from '../support/receiver';
import { type TestSupabase, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listen } from '../support/web';
import { N8n } from './support/n8n';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { work } from './support/settings';
import { webhookPath } from './support/workflows';

/** The shipped workflow for videos, and an item for each frame, with the network that comes with the package. */
const SCHEMA = `
create table products (
  id text primary key, metadata jsonb, frame_count integer, frames_url text, primary_image_url text
);
`;
const PRODUCT = '0d2f9c1e-7f6a-4c1b-9a44-1f0c6b1d2e3f';
const home = newHome('segment');
let n8n: N8n;
let project: TestSupabase | undefined;
let receiver: Receiver;
let clip: Buffer;
let base: string;

beforeAll(async () => {
  const folder = join(work, 'videos');
  mkdirSync(folder, { recursive: true });
  clip = readFileSync(writeClip(folder, 'clip.mp4'));
  base = await listen((request, response) => {
    if (request.url === '/clip.mp4') response.setHeader('content-type', 'video/mp4').end(clip);
    else response.writeHead(404).end();
  });
  receiver = await startReceiver();
  const gemini = await startGemini();
  // Nobody is asked: there is no key.
  gemini.script = [geminiAnswers({}, 500)];
  if (!supabaseNote) {
    project = await startSupabase(SCHEMA);
    await project.makeBucket('frames');
    await project.insert('products', { id: PRODUCT });
  }
  const env = {
    ...{ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_GEMINI_URL: gemini.url, CALLBACK_URL: receiver.url },
    ...(project && { SUPABASE_URL: project.url, SUPABASE_KEY: project.key }),
    FFMPEG_PATH: ffmpeg,
  };
  await withLogs(async () => void (n8n = await N8n.start({ home: home.folder, env })));
});
afterAll(endAll);

async function send(body: object): Promise<{ status: number; json: Record<string, unknown> }> {
  const text = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
  const response = await n8n.webhook(webhookPath('segment'), text);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

scenario('answers the seed’s JSON in the seed’s shape, delivers frames and tells the receiver', async () => {
  const { status, json } = await send({
    input: {
      ...{ video_url: `${base}/clip.mp4`, barcode: '8690504012345', video_id: 12345 },
      ...{ product_id: PRODUCT, job_id: 'job-1' },
    },
  });
  expect(status).toBe(200);
  const folder = project && `${project.url}/storage/v1/object/public/frames/${PRODUCT}/`;
  expect(json).toEqual({
    ...{ status: 'success', barcode: '8690504012345', video_id: 12345, product_id: PRODUCT },
    ...{ metadata: null, frame_count: 6, warnings: expect.any(Array) },
    frames_url: folder ?? null,
    primary_image_url: folder ? expect.stringMatching(/\/frame_000\d\.png$/) : null,
  });
  if (project) {
    expect(await project.rows('products')).toEqual([
      expect.objectContaining({ id: PRODUCT, frame_count: 6, frames_url: folder }),
    ]);
    expect((await project.fetch(String(json.primary_image_url))).status).toBe(200);
  }
  const told = receiver.received.map(({ json: body }) => [body.job_id, body.type, body.status]);
  expect(told).toEqual([
    ['job-1', 'video_processing', 'processing'],
    ['job-1', 'video_processing', 'completed'],
  ]);
  expect(home.files().filter((file) => file.endsWith('.png'))).toEqual([]);
});

scenario('answers with the reason where there is no video', async () => {
  const { status, json } = await send({ video_url: `${base}/gone.mp4` });
  expect(status).toBe(422);
  expect(json).toMatchObject({
    ...{ status: 'failed', error: expect.stringContaining('404') },
    details: { code: 'FETCH_FAILED', hint: expect.any(String) },
  });
});

scenario('gives an item for each frame of a video that was sent', async () => {
  const form = () => {
    const data = new FormData();
    data.append('video', new Blob([new Uint8Array(clip)], { type: 'video/mp4' }), 'clip.mp4');
    return data;
  };
  const response = await n8n.webhook(webhookPath('frames'), form);
  const items = (await response.json()) as Record<string, unknown>[];
  expect(items.map(({ frame, width }) => [frame, width])).toEqual(
    [1, 2, 3, 4].map((number) => [`frame_000${number}`, 96]),
  );
});
