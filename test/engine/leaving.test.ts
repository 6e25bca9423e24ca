import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { type TestEngine, post, startEngine, waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { FILE_PART, FORM_TYPE, part } from '../support/raw';
import { tempFolder } from '../support/temp';

/** An engine ends within these after SIGTERM, whatever its callers do. */
const END_MS = 10_000;
/** Photos that the only worker of these engines holds. */
const SLOTS = 2;

const folder = tempFolder();
let photo: string;
let large: string;
let engine: TestEngine;
const sockets: Socket[] = [];

beforeAll(async () => {
  photo = await writePackshot(folder);
  large = join(folder, 'large.png');
  const grain = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  const noise = { width: 2600, height: 2600, channels: 3, background: '#000', noise: grain } as const;
  const disc = Buffer.from('<svg width="2600" height="2600"><circle cx="1300" cy="1300" r="1100"/></svg>');
  const product = await sharp({ create: noise })
    .composite([{ input: disc, blend: 'dest-in' }])
    .png()
    .toBuffer();
  await sharp(product).flatten({ background: '#f4f4f4' }).png({ compressionLevel: 1 }).toFile(large);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await engine.stop();
});

async function start(name: string, env: Record<string, string> = {}): Promise<void> {
  mkdirSync(join(folder, name));
  engine = await startEngine(join(folder, name), { VITRINE_OFFLINE: 'true', ...env });
  expect((await fetch(`${engine.url}/ready`)).status).toBe(200);
}

/** A connection that sends `text` and then stands still. */
async function hang(text: string): Promise<{ answer: () => string }> {
  const { hostname, port } = new URL(engine.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk)).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return { answer: () => answer };
}

const UPLOAD =
  `POST /background/cleanup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${FORM_TYPE}\r\n` +
  `Content-Length: 90000000\r\n\r\n${part(FILE_PART, 'z'.repeat(3_000_000)).slice(0, -2)}`;

const cleanup = () => `${engine.url}/background/cleanup`;
const fields = { model: 'plain', enhance_fg: 'false' };

/** Posts a photo that the worker cannot finish before it is woken. */
async function jobInHand() {
  const worker = engine.workerPid();
  process.kill(worker, 'SIGSTOP');
  const answer = post(cleanup(), photo, fields);
  await waitFor(async () => (await (await fetch(`${engine.url}/health`)).json()).queue.running === 1);
  return { answer, wake: () => process.kill(worker, 'SIGCONT') };
}

async function refusal(file = photo): Promise<unknown> {
  const response = await post(cleanup(), file, fields);
  const { error } = await response.json();
  return [response.status, error.code, Number(response.headers.get('retry-after')) > 0];
}

const ended = () => waitFor(() => engine.process.exitCode !== null && [engine.process.exitCode], 15);

test('uploads that stand still hold a place of the queue, no memory, and end with their callers', async () => {
  await start('uploads', { VITRINE_MAX_QUEUE: '1' });
  const resident = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${engine.process.pid}/status`, 'utf8'))![1]) / 1024;
  const before = resident();
  const hung: Awaited<ReturnType<typeof hang>>[] = [];
  for (let i = 0; i < 12; i++) hung.push(await hang(UPLOAD));
  const refused = () => hung.filter(({ answer }) => answer().startsWith('HTTP/1.1 503'));
  await waitFor(() => refused().length === hung.length - SLOTS - 1);
  for (const { answer } of refused()) {
    expect(answer()).toContain('"code":"QUEUE_FULL"');
    expect(answer()).toMatch(/retry-after: \d+/i);
  }
  expect(await refusal()).toEqual([503, 'QUEUE_FULL', true]);
  expect(engine.tempFiles().filter((name) => name.endsWith('sent-file'))).toHaveLength(SLOTS + 1);
  expect(resident() - before).toBeLessThan(60);
  for (const socket of sockets.splice(0)) socket.destroy();
  await waitFor(() => engine.tempFiles().length === 0);
  expect((await post(cleanup(), photo, fields)).status).toBe(200);
});

test('SIGTERM ends the engine in time, whoever hangs on it', async () => {
  await start('hanging');
  const { artifacts } = await (await post(cleanup(), large, fields)).json();
  await hang(UPLOAD);
  await hang('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  await hang('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await hang(
    'POST /process HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  );
  const download = await fetch(artifacts.output);
  expect(Number(download.headers.get('content-length'))).toBeGreaterThan(5_000_000);
  const { answer } = await jobInHand();
  const outcome = answer.then(
    (response) => response.status,
    () => 'cut off',
  );
  const began = performance.now();
  engine.process.kill('SIGTERM');
  expect(await ended()).toEqual([0]);
  expect(performance.now() - began).toBeLessThan(END_MS);
  expect([502, 'cut off']).toContain(await outcome);
  await expect(download.arrayBuffer()).rejects.toThrow();
  expect(engine.tempFiles()).toEqual([]);
});

describe.each([
  ['POST /retire', async () => void (await fetch(`${engine.url}/retire`, { method: 'POST' }))],
  ['SIGTERM', () => Promise.resolve(void engine.process.kill('SIGTERM'))],
  [
    'SIGTERM to the worker as well',
    async () => {
      process.kill(engine.workerPid(), 'SIGTERM');
      engine.process.kill('SIGTERM');
    },
  ],
])('%s', (name, tellToEnd) => {
  test('the job in hand is done and fetched, a new one is sent elsewhere, then the engine ends', async () => {
    await start(`fetched ${name.at(-1)}`);
    const { answer, wake } = await jobInHand();
    await tellToEnd();
    await waitFor(async () => (await (await fetch(`${engine.url}/health`)).json()).status === 'retiring');
    // One that is still sending when it is refused reads why.
    for (const file of [photo, large]) expect(await refusal(file)).toEqual([503, 'ENGINE_RETIRING', true]);
    expect((await fetch(`${engine.url}/ready`)).status).toBe(503);
    await sleep(1000);
    wake();
    const { artifacts } = await (await answer).json();
    // Callers look at the result first.
    await sleep(500);
    const picture = await fetch(artifacts.output);
    expect([picture.status, (await picture.arrayBuffer()).byteLength > 1000]).toEqual([200, true]);
    const fetched = performance.now();
    expect(await ended()).toEqual([0]);
    expect(performance.now() - fetched).toBeLessThan(4_000);
  });

  test('results that nobody fetches do not keep it', async () => {
    await start(`left ${name.at(-1)}`);
    expect((await post(cleanup(), photo, fields)).status).toBe(200);
    const began = performance.now();
    await tellToEnd();
    expect(await ended()).toEqual([0]);
    expect(performance.now() - began).toBeLessThan(END_MS);
  });
});
