import sharp from 'sharp';
import { Webhook } from 'standardwebhooks';
import { type Receiver, of, startReceiver } from '../support/receiver';
import { type TestSupabase, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listen } from '../support/web';
import { DataFolder, nodeOf } from './support/automations';
import { Editor } from './support/editor';
import { jobWorkflow } from './support/jobs';
import { N8n, cloneUserFolder } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, procScenario, withLogs } from './support/scenario';
import { until } from './support/wait';
import { WEBHOOK_SECRET } from './support/workflows';

/** Jobs whose rows and pictures lie in Supabase; the table is made by the SQL of the workflow's own note. */
jest.setTimeout(300_000);

const FILE = 'replace-background-job-supabase.json';
const supabaseScenario: typeof procScenario = supabaseNote
  ? (name) => test.skip(`${name}${supabaseNote}`, () => undefined)
  : procScenario;
const home = newHome('supabase-jobs');
/** Photos that wait for their answers. */
const slow = new Set<string>();
const waiting: (() => void)[] = [];
let data: DataFolder;
let folder: string;
let n8n: N8n;
let receiver: Receiver;
let project: TestSupabase;
let photos: string;

beforeAll(() =>
  withLogs(async () => {
    if (supabaseNote) return;
    data = new DataFolder('supabase-jobs-data');
    const photo = await boxPhoto(240, 180);
    photos = await listen((request, response) => {
      const name = request.url!.slice(1);
      const answer = () => response.setHeader('content-type', 'image/jpeg').end(photo);
      if (name === 'gone.jpg') response.writeHead(500).end();
      else if (name === 'notes.jpg') response.end('no picture');
      else if (slow.has(name)) waiting.push(answer);
      else answer();
    });
    receiver = await startReceiver();
    const workflow = jobWorkflow(data, FILE, {});
    const note = String(nodeOf(workflow, 'How to Use').parameters.content);
    project = await startSupabase(/```\n(create table[\s\S]+?)```/.exec(note)![1], 'pglite');
    await project.makeBucket('products');
    folder = cloneUserFolder('supabase-job-user');
    await start();
    const editor = await Editor.setUp(n8n);
    const account = { host: project.url, serviceRole: project.key };
    const supabaseApi = await editor.addCredential('supabaseApi', account);
    for (const node of workflow.nodes)
      if (node.type.endsWith('.supabase') || node.name === 'Store Picture')
        node.credentials = { supabaseApi };
    const { assignments } = nodeOf(workflow, 'Settings').parameters.assignments as {
      assignments: { name: string; value: unknown }[];
    };
    assignments.find(({ name }) => name === 'project')!.value = project.url;
    nodeOf(workflow, 'Every Minute').parameters.rule = {
      interval: [{ field: 'seconds', secondsInterval: 3 }],
    };
    await editor.publish(workflow);
  }),
);
afterAll(endAll);

async function start(): Promise<void> {
  n8n = await N8n.start({ folder, home: home.folder, env: { VITRINE_ALLOW_HOSTS: '127.0.0.1' } });
}

async function send(body: object): Promise<{ status: number; json: { jobId: string } }> {
  const json = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
  const response = await n8n.webhook('api/supabase/background/replace', json);
  return { status: response.status, json: (await response.json()) as { jobId: string } };
}

async function job(name: string): Promise<string> {
  const more = { inputPath: `${photos}/${name}.jpg`, callbackUrl: `${receiver.url}/callbacks` };
  const { status, json } = await send({ jobId: name, mediaId: name, preset: 'product-studio', ...more });
  expect([status, json]).toEqual([202, { jobId: name }]);
  return name;
}

const untilTold = (ids: string[], seconds = 60) =>
  until(
    `jobs ${ids.join(', ')} to be told`,
    async () => {
      const rows = await project.rows('vitrine_jobs');
      const ours = ids.map((id) => rows.find(({ job_id }) => job_id === id)!);
      return ours.every(({ callback }) => ['delivered', 'failed'].includes(String(callback))) && ours;
    },
    seconds,
  );

supabaseScenario(
  'a job has its row and its picture in Supabase, and is one job however often sent',
  async () => {
    await Promise.all([1, 2, 3].map(() => job('mug')));

    expect(await untilTold(['mug'])).toMatchObject([{ state: 'succeeded', attempts: 1 }]);
    expect(await project.rows('vitrine_jobs')).toHaveLength(1);
    await job('mug');
    const state = await fetch(`${n8n.url}/webhook/api/supabase/background/jobs?jobId=mug`);
    const { result, ...others } = (await state.json()) as { result: { artifacts: { output: string } } };
    expect(others).toMatchObject({ jobId: 'mug', state: 'succeeded', callback: { state: 'delivered' } });
    const [{ json, body, headers }, ...more] = of('mug', receiver);
    expect(more).toEqual([]);
    expect(json).toMatchObject({
      event: 'background.job.succeeded',
      mediaId: 'mug',
      outputUrl: result.artifacts.output,
    });
    new Webhook(WEBHOOK_SECRET, { format: 'raw' }).verify(body, headers as Record<string, string>);
    const picture = await project.fetch(json.outputUrl);
    expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 240 });
  },
);

supabaseScenario('what cannot be done is said; a row that cannot be written is no job', async () => {
  expect((await send({})).status).toBe(422);
  expect(await untilTold([await job('notes')])).toMatchObject([{ state: 'failed', attempts: 1 }]);
  expect(of('notes', receiver).map(({ json }) => json.event)).toEqual(['background.job.failed']);
  project.faults = ['POST', 'GET'].map((method) => ({
    meets: (request) => request.method === method && request.path.startsWith('/rest/v1/vitrine_jobs'),
    fault: (response) => void response.writeHead(500).end('{}'),
  }));
  expect(await send({ jobId: 'lost', inputPath: `${photos}/mug.jpg` })).toMatchObject({
    status: 503,
    json: { details: { code: 'NO_ROW' } },
  });
  project.faults = [];
});

supabaseScenario('an n8n that is killed amid jobs ends with all done, each told once', async () => {
  await job('gone');
  const names = ['cup', 'jug', 'pan', 'pot'];
  for (const name of names.slice(1)) slow.add(`${name}.jpg`);
  await Promise.all(names.map(job));
  await untilTold(['cup']);
  await until('photos to be under way', () => waiting.length === 3, 60);
  await n8n.kill();
  slow.clear();
  for (const answer of waiting.splice(0)) answer();
  await start();

  const ended = await untilTold(names, 150);

  expect(ended.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['succeeded', 1],
    ...Array(3).fill(['succeeded', 2]),
  ]);
  expect(names.map((name) => of(name, receiver).length)).toEqual(Array(4).fill(1));
  const files = await project.files('products');
  expect(files.filter((file) => !file.includes('mug'))).toHaveLength(4);
  // A photo that nobody has is asked for three times, then given up.
  expect(await untilTold(['gone'], 90)).toMatchObject([{ state: 'failed', attempts: 3 }]);
  expect(of('gone', receiver).map(({ json }) => json.event)).toEqual(['background.job.failed']);
});
