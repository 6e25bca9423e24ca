import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DataFolder, type WorkflowFile } from './support/automations';
import { Editor } from './support/editor';
import { type JobRow, jobWorkflow, sweeper } from './support/jobs';
import { cloneUserFolder, freePorts, tail } from './support/n8n';
import { boxPhoto } from './support/photos';
import {
  type QueueSettings,
  engineProcess,
  linesOf,
  n8nProcess,
  queueUnavailable,
  startPostgres,
  startRedis,
} from './support/queue';
import type { Service } from './support/service';
import { root, work } from './support/settings';
import { SimulatedEngine } from './support/simulated-engine';
import { sleep, until } from './support/wait';
import { WEBHOOK_SECRET } from './support/workflows';

/**
 * n8n's queue mode as docker/compose.queue.yaml starts it: Postgres, Redis, main, webhook processor, two workers, two
 * engines. Jobs go through the shipped workflow while some of them are killed and started again.
 */
const unavailable = queueUnavailable();
const scenario: (name: string, run: () => Promise<void>) => void = unavailable
  ? (name) => test.skip(`${name} (skipped: ${unavailable})`, () => undefined)
  : test;
/** `npm run test:queue` asks for 200. */
const JOBS = Number(process.env.VITRINE_QUEUE_JOBS ?? 30);
// Four processes of n8n start, and each job takes about a second of two cores.
jest.setTimeout(240_000 + JOBS * 6_000);

const TOKEN = 'token-of-the-engines-in-queue-mode';
const SENDERS = 6;
const outputs = new DataFolder('queue-outputs');
const started: Service[] = [];
const calls: { id: string; body: string }[] = [];
let outside: Server;
let base: string;
let redis: Service;
let workers: Service[];
let engines: (Service & { url: string })[];
let webhooks: string;
let editor: Editor;

beforeAll(async () => {
  if (unavailable) return;
  try {
    await startAll();
  } catch (error) {
    for (const { name, logFile } of started) process.stderr.write(`--- ${name}\n${tail(logFile)}\n`);
    throw error;
  }
});
afterAll(async () => {
  // The database last: n8n writes to it while it ends.
  for (const service of started.reverse()) await service.stop();
  outside?.closeAllConnections();
  outside?.close();
});

async function startAll(): Promise<void> {
  await openOutside();
  const [postgresPort, redisPort] = await freePorts(2);
  started.push(await startPostgres(postgresPort));
  started.push((redis = await startRedis(redisPort)));
  const settings: QueueSettings = {
    ...{ folder: cloneUserFolder('queue-user'), postgresPort, redisPort },
    env: { N8N_RESTRICT_FILE_ACCESS_TO: outputs.path },
  };
  const main = await n8nProcess('main', ['start'], settings);
  const webhook = await n8nProcess('webhook', ['webhook'], settings);
  workers = await Promise.all(
    ['worker-1', 'worker-2'].map((name) => n8nProcess(name, ['worker', '--concurrency=5'], settings)),
  );
  engines = await Promise.all(['engine-1', 'engine-2'].map((name) => engineProcess(name, TOKEN)));
  started.push(main, webhook, ...workers, ...engines);
  await main.start();
  editor = await Editor.setUp(main);
  const credentials = {
    vitrineEngineApi: await editor.addCredential('vitrineEngineApi', {
      urls: engines.map(({ url }) => url).join(','),
      token: TOKEN,
    }),
    vitrineWebhookApi: await editor.addCredential('vitrineWebhookApi', { secret: WEBHOOK_SECRET }),
  };
  await editor.publish(remoteJobs(credentials));
  await editor.publish(sweeper(outputs));
  await Promise.all([webhook, ...workers, ...engines].map((service) => service.start()));
  webhooks = webhook.url;
}

/** The job workflow as it ships, but with both engines, and the model that takes the least of this machine. */
function remoteJobs(credentials: Record<string, { id: string; name: string }>): object {
  const workflow = jobWorkflow(outputs, 'replace-background-job-webhook.json', {
    outputFolder: outputs.path,
    leaseSeconds: 15,
  });
  for (const node of workflow.nodes) {
    if (node.type === 'n8n-nodes-vitrine.backgroundReplace') {
      Object.assign(node.parameters, { engineLocation: 'remote', model: 'plain' });
      node.credentials = { vitrineEngineApi: credentials.vitrineEngineApi };
    }
    if (node.credentials?.vitrineWebhookApi)
      node.credentials = { vitrineWebhookApi: credentials.vitrineWebhookApi };
  }
  return workflow;
}

/** Whose photos and whose ears are outside of n8n. */
async function openOutside(): Promise<void> {
  const photo = await boxPhoto(240, 180);
  outside = createServer((request, response) => {
    // A second, so that several jobs are under way when something is killed.
    if (request.method === 'GET')
      return setTimeout(() => response.setHeader('content-type', 'image/jpeg').end(photo), 1000);
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push({ id: String(request.headers['webhook-id']), body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
}

/** Sends a job under an ID of its own until it is answered, as a caller does that must not lose one. */
async function send(jobId: string): Promise<void> {
  const body = JSON.stringify({
    ...{ jobId, mediaId: jobId, projectId: 'queue', preset: 'product-studio' },
    ...{ inputPath: `${base}/${jobId}.jpg`, callbackUrl: `${base}/callbacks` },
  });
  await until(
    `job ${jobId} to be taken`,
    async () => {
      try {
        const response = await fetch(`${webhooks}/webhook/api/background/replace`, {
          ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
          signal: AbortSignal.timeout(15_000),
        });
        await response.body?.cancel();
        if (response.status === 202) return true;
      } catch {
        // Who would have answered was killed: sent again under the same ID.
      }
      return void (await sleep(500));
    },
    180,
  );
}

async function sendAll(ids: string[]): Promise<void> {
  const rest = [...ids];
  const sender = async () => {
    for (let id = rest.shift(); id; id = rest.shift()) await send(id);
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** Waits for a share of the pictures, so that whoever is killed then has work. */
async function whenDone(share: number): Promise<void> {
  await until(
    `${share * 100} % of the jobs`,
    () => readdirSync(outputs.path).length >= share * JOBS,
    120 + JOBS * 3,
  );
}

async function killAndRestart(service: Service, seconds: number): Promise<void> {
  await service.kill();
  await sleep(seconds * 1000);
  await service.start();
}

const rowsOf = () => editor.rowsOf<JobRow & { callback_attempts: number; error: string }>('vitrine_jobs');

scenario(`${JOBS} jobs are done and told while an engine, a worker and Redis are killed`, async () => {
  const ids = Array.from({ length: JOBS }, (_, index) => `queue-${index}`);
  const began = Date.now();

  const sent = sendAll(ids);
  await whenDone(0.15);
  await killAndRestart(engines[0], 3);
  await whenDone(0.35);
  await killAndRestart(workers[0], 1);
  await whenDone(0.6);
  await killAndRestart(redis, 2);
  await sent;
  const rows = await until(
    'all to be told',
    async () => {
      const now = await rowsOf();
      if (now.length >= JOBS && now.every(({ callback }) => ['delivered', 'failed'].includes(callback)))
        return now;
      return void (await sleep(2000));
    },
    240 + JOBS,
  );

  const seconds = Math.round((Date.now() - began) / 1000);
  const again = rows.filter(({ attempts }) => attempts > 1).length;
  const twice = ids.filter((id) => calls.filter((call) => call.id === id).length > 1);
  process.stdout.write(
    `${JOBS} jobs in ${seconds} s; ${again} begun more than once; ${twice.length} told more than once\n` +
      `executions: ${workers.map(({ name, logFile }) => `${name} ${linesOf(logFile, /Worker finished execution/g)}`).join(', ')}\n` +
      `pictures: ${engines.map(({ name }) => `${name} ${linesOf(join(work, name, 'logs/app.log'), /"job":"replace","outcome":"ok"/g)}`).join(', ')}\n`,
  );
  expect(rows.filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(rows.map(({ job_id }) => job_id).sort()).toEqual([...ids].sort());
  expect(readdirSync(outputs.path).sort()).toEqual(ids.map((id) => `${id}.jpg`).sort());
  for (const id of ids) {
    const told = calls.filter((call) => call.id === id);
    expect([id, new Set(told.map(({ body }) => body)).size]).toEqual([id, 1]);
    expect(JSON.parse(told[0].body)).toMatchObject({ jobId: id, event: 'background.job.succeeded' });
  }
  // Whoever is told again was being told when the worker was killed: the row knows.
  const attempts = new Map(rows.map(({ job_id, callback_attempts }) => [job_id, callback_attempts]));
  expect(twice.filter((id) => attempts.get(id) === 1)).toEqual([]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(JOBS);
});

/** Pictures that each simulated engine has to make; how fast is looked at in the full run, which others do not disturb. */
const EACH = JOBS >= 200 ? 20 : 3;

scenario('throughput grows with the engines, linear within 10 % in the full run', async () => {
  const photo = await boxPhoto(16, 16);
  const simulated = await Promise.all([1, 2, 3, 4].map(() => SimulatedEngine.start(photo, 1)));
  try {
    const rates: number[] = [];
    for (const count of [1, 2, 4]) rates.push(await rateOf(simulated.slice(0, count)));

    process.stdout.write(
      `pictures a second with 1, 2, 4 engines of 1 s: ${rates.map((rate) => rate.toFixed(2)).join(', ')}\n`,
    );
    if (JOBS >= 200) {
      expect(rates[1] / rates[0]).toBeGreaterThan(1.8);
      expect(rates[2] / rates[0]).toBeGreaterThan(3.6);
    }
  } finally {
    for (const engine of simulated) engine.stop();
  }
});

/** @returns pictures a second, from when the first was begun to when the last was done */
async function rateOf(fleet: SimulatedEngine[]): Promise<number> {
  const path = `addresses-${fleet.length}`;
  const workflow = JSON.parse(
    readFileSync(join(root, 'test/e2e/workflows/addresses.json'), 'utf8'),
  ) as WorkflowFile;
  const [webhook, , node] = workflow.nodes;
  workflow.id = `e2eAddresses${fleet.length}`;
  Object.assign(webhook, { webhookId: path, parameters: { ...webhook.parameters, path } });
  const urls = fleet.map(({ url }) => url).join(',');
  node.credentials = { vitrineEngineApi: await editor.addCredential('vitrineEngineApi', { urls }) };
  await editor.publish(workflow);
  for (const { ended } of fleet) ended.length = 0;

  // As many executions as engines, so that both workers have some.
  const answers = await Promise.all(fleet.map(() => photosThrough(path)));

  expect(answers.flat()).toHaveLength(EACH * fleet.length);
  const ended = fleet.flatMap((engine) => engine.ended);
  expect(ended).toHaveLength(EACH * fleet.length);
  const began = Math.min(...ended) - 1000;
  return (ended.length * 1000) / (Math.max(...ended) - began);
}

async function photosThrough(path: string): Promise<object[]> {
  const photos = Array.from({ length: EACH }, (_, index) => `${base}/${path}-${index}.jpg`);
  return await until(`webhook ${path}`, async () => {
    const response = await fetch(`${webhooks}/webhook/${path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ photos }),
    });
    if (response.status === 404) return undefined;
    expect(response.status).toBe(200);
    return (await response.json()) as object[];
  });
}
