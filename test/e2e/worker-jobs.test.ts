import { readFileSync } from 'node:fs';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { Webhook } from 'standardwebhooks';
import { writeClip } from '../support/clip';
import { madeOf, writeDataset } from '../support/dataset';
import { type Receiver, startReceiver } from '../support/receiver';
import { type TestSupabase, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listen } from '../support/web';
import { DataFolder } from './support/automations';
import { Editor } from './support/editor';
import { jobWorkflow, sweeper, untilTold } from './support/jobs';
import { N8n, cloneUserFolder } from './support/n8n';
import { endAll, newHome, procScenario, scenario, withLogs } from './support/scenario';
import { until } from './support/wait';
import { WEBHOOK_SECRET } from './support/workflows';

/** Jobs of the two workers, whose one sweeper is that of all jobs: videos come from a server that can be slow. */
const SCHEMA = `
create table products (
  id text primary key, metadata jsonb, frame_count integer, frames_url text, primary_image_url text
);
`;
// Leases have to pass, and another n8n to start.
jest.setTimeout(300_000);

const home = newHome('worker-jobs');
/** Videos that wait for their answers. */
const slow = new Set<string>();
const waiting: (() => void)[] = [];
const asked: string[] = [];
let data: DataFolder;
let folder: string;
let n8n: N8n;
let editor: Editor;
let receiver: Receiver;
let project: TestSupabase | undefined;
let videos: string;

beforeAll(() =>
  withLogs(async () => {
    data = new DataFolder('worker-jobs-data');
    data.make('videos');
    const clip = readFileSync(writeClip(data.at('videos'), 'clip.mp4', 2));
    videos = await listen((request, response) => {
      const name = request.url!.slice(1);
      asked.push(name);
      const answer = () => response.setHeader('content-type', 'video/mp4').end(clip);
      if (name === 'notes.mp4') response.end('no video');
      else if (slow.has(name)) waiting.push(answer);
      else answer();
    });
    receiver = await startReceiver();
    if (!supabaseNote) {
      project = await startSupabase(SCHEMA);
      await project.makeBucket('frames');
    }
    folder = cloneUserFolder('worker-job-user');
    await start();
    editor = await Editor.setUp(n8n);
    for (const file of ['video-segmentation-job-webhook.json', 'augmentation-job-webhook.json'])
      await editor.publish(jobWorkflow(data, file, { callbackUrl: `${receiver.url}/` }));
    await editor.publish(sweeper(data));
  }),
);
afterAll(endAll);

async function start(): Promise<void> {
  const env = {
    ...{ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_OFFLINE: '1', FFMPEG_PATH: ffmpeg },
    ...{ N8N_RESTRICT_FILE_ACCESS_TO: data.path, VITRINE_DATA_ROOTS: data.path },
    ...(project && { SUPABASE_URL: project.url, SUPABASE_KEY: project.key }),
  };
  n8n = await N8n.start({ folder, home: home.folder, env });
}

async function send(worker: string, body: object): Promise<{ status: number; json: object }> {
  const json = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
  const response = await n8n.webhook(`${worker}/run`, json);
  return { status: response.status, json: (await response.json()) as object };
}

async function video(name: string): Promise<string> {
  await project?.insert('products', { id: `product-${name}` });
  const input = {
    ...{ video_url: `${videos}/${name}.mp4`, barcode: '8690504012345', video_id: 12345 },
    ...{ product_id: `product-${name}`, job_id: name },
  };
  expect(await send('video-segmentation', { input })).toEqual({
    status: 200,
    json: { id: name, status: 'IN_QUEUE' },
  });
  return name;
}

async function statusOf(worker: string, id: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${n8n.url}/webhook/${worker}/status?id=${id}`);
  return (await response.json()) as Record<string, unknown>;
}

const told = (id: string) =>
  receiver.received.filter(({ json }) => json.job_id === id).map(({ json }) => json.status);

scenario('a video is answered with its ID at once, and told of as the worker told of it', async () => {
  await untilTold(editor, [await video('mug')]);

  const { output, ...state } = await statusOf('video-segmentation', 'mug');

  expect(state).toMatchObject({ id: 'mug', status: 'COMPLETED', attempts: 1 });
  const frames = project && `${project.url}/storage/v1/object/public/frames/product-mug/`;
  expect(output).toMatchObject({
    ...{ status: 'success', barcode: '8690504012345', video_id: 12345, product_id: 'product-mug' },
    ...{ frame_count: 2, frames_url: frames ?? null, metadata: null },
  });
  expect(told('mug')).toEqual(['processing', 'completed']);
  const [began, ended] = receiver.received.filter(({ json }) => json.job_id === 'mug');
  expect([began.path, ended.path]).toEqual(Array(2).fill('/api/v1/webhooks/runpod'));
  expect(began.json).toEqual({ job_id: 'mug', type: 'video_processing', status: 'processing' });
  expect(ended.json).toEqual({
    ...{ job_id: 'mug', type: 'video_processing', status: 'completed' },
    result: output,
  });
  expect([began, ended].map(({ headers }) => headers['webhook-id'])).toEqual(['mug.processing', 'mug']);
  for (const { body, headers } of [began, ended])
    new Webhook(WEBHOOK_SECRET, { format: 'raw' }).verify(body, headers as Record<string, string>);
  expect(await send('video-segmentation', { input: { video_url: 'again', job_id: 'mug' } })).toMatchObject({
    status: 422,
  });
  const again = { video_url: `${videos}/mug.mp4`, job_id: 'mug' };
  expect((await send('video-segmentation', again)).json).toEqual({ id: 'mug', status: 'COMPLETED' });
});

scenario('what cannot be done is said at once, or told', async () => {
  for (const [worker, body, word] of [
    ['video-segmentation', {}, 'video_url'],
    ['augmentation', { input: { syn_target: 3 } }, 'dataset_path'],
    ['augmentation', { dataset_id: 'a', dataset_path: 'b' }, 'dataset_id'],
    ['augmentation', { dataset_path: 'b', job_id: 'no spaces' }, 'job_id'],
  ] as const)
    expect(await send(worker, body)).toMatchObject({
      status: 422,
      json: {
        status: 'FAILED',
        error: expect.stringContaining(word),
        details: { code: 'INVALID_PARAMETER' },
      },
    });
  expect(await statusOf('augmentation', 'nobody')).toMatchObject({ details: { code: 'NOT_FOUND' } });

  expect(await untilTold(editor, [await video('notes')])).toMatchObject([{ state: 'failed', attempts: 1 }]);
  expect(await statusOf('video-segmentation', 'notes')).toMatchObject({
    status: 'FAILED',
    error: expect.any(String),
  });
  expect(told('notes')).toEqual(['processing', 'failed']);
});

procScenario(
  'an n8n that is killed amid videos and data sets ends with all done, each told once',
  async () => {
    const names = ['cup', 'jug', 'pan'];
    for (const name of names.slice(1)) slow.add(`${name}.mp4`);
    const shelf = await writeDataset(data.at('shelf'), [
      '4006381333931/real/a.jpg',
      '4006381333931/real/b.jpg',
    ]);
    const made = () => Object.keys(madeOf(shelf));

    await Promise.all(names.map(video));
    await untilTold(editor, ['cup']);
    const input = { dataset_path: shelf, syn_target: 60, real_target: 40, job_id: 'shelf' };
    expect((await send('augmentation', { input })).json).toEqual({ id: 'shelf', status: 'IN_QUEUE' });
    await until('pictures to be made', () => made().length > 3, 60);
    await until('videos to be under way', () => asked.filter((name) => slow.has(name)).length === 2, 60);
    expect(await statusOf('video-segmentation', 'jug')).toMatchObject({ status: 'IN_PROGRESS', attempts: 1 });
    await n8n.kill();
    const before = made().length;
    for (const answer of waiting.splice(0)) answer();
    slow.clear();
    await start();
    editor = await Editor.signIn(n8n);
    const ended = await untilTold(editor, [...names, 'shelf'], 150);

    expect(ended.map(({ state }) => state)).toEqual(Array(4).fill('succeeded'));
    expect(ended.map(({ attempts }) => attempts)).toEqual([1, 2, 2, 2]);
    for (const id of [...names, 'shelf']) expect(told(id)).toEqual(['processing', 'completed']);
    expect(before).toBeLessThan(100);
    expect(made()).toHaveLength(98);
    const { output } = await statusOf('augmentation', 'shelf');
    expect(output).toMatchObject({ status: 'success', type: 'augmentation', dataset_id: null });
    if (project) {
      const frames = (await project.files('frames')).filter((file) => file.endsWith('.png'));
      for (const name of names)
        expect(frames.filter((file) => file.startsWith(`product-${name}/`))).toHaveLength(2);
      const rows = await project.rows('products');
      for (const name of names)
        expect(rows).toContainEqual(expect.objectContaining({ id: `product-${name}`, frame_count: 2 }));
    }
  },
);
