import { readdirSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { Webhook } from 'standardwebhooks';
import { DataFolder, nodeOf } from './support/automations';
import { Editor } from './support/editor';
import { type JobRow, jobWorkflow, sweeper, untilTold as rowsTold } from './support/jobs';
import { N8n, cloneUserFolder } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, procScenario, scenario, withLogs } from './support/scenario';
import { root } from './support/settings';
import { until } from './support/wait';
import { WEBHOOK_SECRET } from './support/workflows';

/**
 * The job workflow and its sweeper as they ship, but for shorter times, a folder of the test's own and a secret to sign
 * with. Photos come from a server that can be slow, callbacks go to a receiver that can be slow.
 */
interface Call {
  headers: IncomingHttpHeaders;
  body: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

// Leases have to pass, and another n8n to start.
jest.setTimeout(300_000);

const home = newHome('jobs');
const outputs = new DataFolder('job-outputs');
const calls: Call[] = [];
/** Names of photos, and media IDs of callbacks, that wait for their answers. */
const slow = new Set<string>();
const waiting: { name: string; answer: () => void }[] = [];
const asked = new Set<string>();
let folder: string;
let n8n: N8n;
let editor: Editor;
let outside: Server;
let base: string;

beforeAll(() =>
  withLogs(async () => {
    await openOutside();
    folder = cloneUserFolder('job-user');
    await start();
    editor = await Editor.setUp(n8n);
    const jobs = jobWorkflow(outputs, 'replace-background-job-webhook.json', { outputFolder: outputs.path });
    const claim = nodeOf(jobs, 'Claim Callback').parameters.columns as { value: Record<string, string> };
    claim.value.lease_until = '={{ $now.plus({ seconds: 45 }).toISO() }}';
    for (const workflow of [jobs, sweeper(outputs), outputs.read('health-webhook.json')])
      await editor.publish(workflow);
  }),
);
afterAll(async () => {
  await endAll();
  outside?.closeAllConnections();
  outside?.close();
});

async function start(): Promise<void> {
  const env = { VITRINE_ALLOW_HOSTS: '127.0.0.1', N8N_RESTRICT_FILE_ACCESS_TO: outputs.path };
  n8n = await N8n.start({ folder, home: home.folder, env });
}

/** Whose photos and whose ears are outside of n8n. */
async function openOutside(): Promise<void> {
  const photo = await boxPhoto(240, 180);
  const later = (name: string, response: ServerResponse, answer: () => void) => {
    if (slow.has(name)) waiting.push({ name, answer: () => response.destroyed || answer() });
    else answer();
  };
  outside = createServer((request, response) => {
    const name = request.url!.slice(1);
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      if (request.method === 'POST') {
        const json = JSON.parse(body);
        calls.push({ headers: request.headers, body, json });
        later(`callback of ${json.mediaId}`, response, () => response.end());
        return;
      }
      asked.add(name);
      if (name === 'gone.jpg') response.writeHead(500).end();
      else if (name === 'notes.txt') response.end('no picture');
      else later(name, response, () => response.setHeader('content-type', 'image/jpeg').end(photo));
    });
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
}

function release(): void {
  slow.clear();
  for (const { answer } of waiting.splice(0)) answer();
}

async function send(body: object): Promise<{ status: number; json: { jobId: string } }> {
  const json = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
  const response = await n8n.webhook('api/background/replace', json);
  return { status: response.status, json: (await response.json()) as { jobId: string } };
}

/** Sends a job whose photo and callback are called by its name. */
async function job(name: string, more: object = {}): Promise<string> {
  const { status, json } = await send({
    ...{ mediaId: name, projectId: 'project-456', preset: 'product-studio' },
    ...{ inputPath: `${base}/${name}.jpg`, callbackUrl: `${base}/callbacks`, ...more },
  });
  expect(status).toBe(202);
  return json.jobId;
}

interface State {
  jobId: string;
  state: string;
  attempts: number;
  result?: { engine: string; preset: string; artifacts: { output: string } };
  error?: string;
  callback: { state: string; attempts: number };
}

async function stateOf(jobId: string): Promise<State> {
  const response = await fetch(`${n8n.url}/webhook/api/background/jobs?jobId=${jobId}`);
  expect(response.status).toBe(200);
  return (await response.json()) as State;
}

const untilTold = (ids: string[], seconds?: number) => rowsTold(editor, ids, seconds);
const callsOf = (jobId: string) => calls.filter(({ json }) => json.jobId === jobId);
const files = () => readdirSync(outputs.path).sort();

scenario('every workflow file has only nodes and parameters that n8n knows', async () => {
  const types = await editor.nodeTypes();
  const shipped = readdirSync(join(root, 'workflows')).filter((file) => file.endsWith('.json'));
  const unknown = shipped.flatMap((file) =>
    outputs.read(file).nodes.flatMap(({ name, type, typeVersion, parameters }) => {
      const found = types.find(
        (known) => known.name === type && [known.version].flat().includes(typeVersion),
      );
      const known = ['resource', 'operation', ...(found?.properties ?? []).map((property) => property.name)];
      const wrong = Object.keys(parameters).filter((parameter) => !known.includes(parameter));
      return found
        ? wrong.map((parameter) => `${file}: ${name}: ${parameter}`)
        : [`${file}: ${name}: ${type}`];
    }),
  );
  expect(unknown).toEqual([]);
});

scenario('tells the health of the engine', async () => {
  const response = await until('the webhook', async () => {
    const answer = await fetch(`${n8n.url}/webhook/health`);
    return answer.status !== 404 && answer;
  });
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'ok', model: 'plain', device: 'cpu', elapsed_ms: expect.any(Number) },
  ]);
});

scenario('a job has its row, its picture and its callback, and is known when it is sent again', async () => {
  const jobId = await job('mug');

  await untilTold([jobId]);

  const state = await stateOf(jobId);

  expect(state).toMatchObject({
    state: 'succeeded',
    attempts: 1,
    result: { engine: 'studio', preset: 'product-studio', artifacts: { output: expect.any(String) } },
    callback: { state: 'delivered', attempts: 1 },
  });
  const [{ json, body, headers }] = callsOf(jobId);
  expect(json).toEqual({
    ...{ event: 'background.job.succeeded', jobId, mediaId: 'mug', projectId: 'project-456' },
    ...{ outputUrl: state.result!.artifacts.output, timestamp: expect.stringMatching(/^\d{4}-.+Z$/) },
  });
  expect(headers['webhook-id']).toBe(jobId);
  new Webhook(WEBHOOK_SECRET, { format: 'raw' }).verify(body, headers as Record<string, string>);
  const { pathname, search } = new URL(json.outputUrl);
  const picture = await fetch(`${n8n.url}${pathname}${search}`);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  const { width, height } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
  expect([width, height]).toEqual([240, 180]);

  expect(await job('mug', { jobId, preset: 'marble' })).toBe(jobId);
  expect(await stateOf(jobId)).toEqual(state);
  expect(callsOf(jobId)).toHaveLength(1);
});

scenario('an ID that is sent several times at once is one job', async () => {
  const sent = await Promise.all([1, 2, 3, 4].map(() => job('cup', { jobId: 'cup-1' })));

  expect(sent).toEqual(['cup-1', 'cup-1', 'cup-1', 'cup-1']);
  await untilTold(['cup-1']);
  const rows = await editor.rowsOf<JobRow>('vitrine_jobs');
  expect(rows.filter(({ job_id }) => job_id === 'cup-1')).toHaveLength(1);
  expect(callsOf('cup-1')).toHaveLength(1);
});

scenario('what cannot be done is said at once, or in the callback', async () => {
  expect(await send({ callbackUrl: `${base}/callbacks` })).toMatchObject({
    status: 422,
    json: { error: expect.stringContaining('inputPath'), details: { code: 'INVALID_PARAMETER' } },
  });
  for (const path of ['jobs', 'output']) {
    const response = await fetch(`${n8n.url}/webhook/api/background/${path}?jobId=nobody`);
    expect([response.status, await response.json()]).toMatchObject([404, { details: { code: 'NOT_FOUND' } }]);
  }

  const jobId = await job('notes', { inputPath: `${base}/notes.txt` });

  expect(await untilTold([jobId])).toMatchObject([{ state: 'failed', attempts: 1 }]);
  const { mediaId, event, error, outputUrl } = callsOf(jobId)[0].json;
  expect([mediaId, event, outputUrl]).toEqual(['notes', 'background.job.failed', undefined]);
  expect(error).toContain('text');
});

procScenario('an n8n that is killed amid twelve jobs ends with twelve done, each told once', async () => {
  const hopeless = await job('gone');
  const before = files();
  const names = Array.from({ length: 12 }, (_, index) => `twelve-${index}`);
  const [told, beingTold, unfinished] = [names.slice(0, 3), names[3], names.slice(4)];
  for (const name of [`callback of ${beingTold}`, ...unfinished.map((name) => `${name}.jpg`)]) slow.add(name);

  const ids = await Promise.all(names.map((name) => job(name)));
  await untilTold(told.map((_, index) => ids[index]));
  await until('a callback to be under way', () => callsOf(ids[3]).length > 0);
  await until(
    'photos to be under way',
    () => unfinished.filter((name) => asked.has(`${name}.jpg`)).length > 3,
    60,
  );
  await n8n.kill();
  release();
  await start();
  editor = await Editor.signIn(n8n);
  const ended = await untilTold(ids, 150);

  expect(ended.map(({ state }) => state)).toEqual(names.map(() => 'succeeded'));
  expect(ended.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(3);
  const rows = await editor.rowsOf<JobRow>('vitrine_jobs');
  expect(rows.filter(({ job_id }) => ids.includes(job_id))).toHaveLength(12);
  expect(files().filter((file) => !before.includes(file))).toEqual(ids.map((id) => `${id}.jpg`).sort());
  // The one that was under way is told again under its ID, by which a receiver knows it; any other only once.
  const [again, others] = [callsOf(ids[3]), ids.filter((id) => id !== ids[3])];
  expect(again.length).toBeGreaterThan(1);
  expect(others.map((id) => callsOf(id).length)).toEqual(others.map(() => 1));
  expect(ids.map((id) => new Set(callsOf(id).map(({ body }) => body)).size)).toEqual(names.map(() => 1));
  for (const id of ids)
    for (const { headers, json } of callsOf(id))
      expect([headers['webhook-id'], json.event]).toEqual([id, 'background.job.succeeded']);

  // A photo that nobody has is asked for three times, then given up.
  expect(await untilTold([hopeless], 90)).toMatchObject([{ state: 'failed', attempts: 3 }]);
  expect(callsOf(hopeless).map(({ json }) => [json.event, json.error])).toEqual([
    ['background.job.failed', expect.stringContaining('500')],
  ]);
});
