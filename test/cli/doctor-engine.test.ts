import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { builtFile, packVersion } from '../../lib/contracts';
import { type TestEngine, startEngine } from '../support/engine';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const folder = tempFolder();
const token = 'a-long-random-token';
let engine: TestEngine;

beforeAll(async () => void (engine = await startEngine(folder, { VITRINE_TOKEN: token })));
afterAll(() => engine.stop());

/** What `vitrine doctor --engine … --json` finds, by what it looked at. */
async function doctor(url: string, env: Record<string, string> = {}, ...more: string[]) {
  const args = [builtFile('lib/cli/main.js'), 'doctor', '--engine', url, '--json', ...more];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  const lines = out.split('\n').filter(Boolean);
  const found = Object.fromEntries(lines.map((line) => [JSON.parse(line).check, JSON.parse(line)]));
  expect(out + err).not.toContain(token);
  return { code, err, found };
}

test('an engine that is well', async () => {
  const { code, found } = await doctor(engine.url, { VITRINE_TOKEN: token });
  expect(code).toBe(0);
  expect(found).toMatchObject({
    engine: { status: 'ok' },
    version: { status: 'ok', detail: `${packVersion}, as here` },
    token: { status: 'ok', detail: 'accepted' },
    models: { status: 'ok', detail: expect.stringContaining('u2netp') },
    devices: { detail: expect.stringMatching(/networks can run on .*cpu in 1 worker/) },
    queue: { status: 'ok', detail: expect.stringContaining('0 jobs running, 0 waiting, 0 on their way') },
    clock: { status: 'ok' },
    disk: { detail: expect.stringMatching(/GB free/) },
  });
});

test('the token out of a file', async () => {
  const file = `${folder}/token`;
  writeFileSync(file, `${token}\n`);
  expect((await doctor(engine.url, {}, '--token-file', file)).found.token.status).toBe('ok');
  expect((await doctor(engine.url, {}, '--token-file', `${folder}/none`)).code).toBe(1);
});

test('a wrong token, and none', async () => {
  const wrong = await doctor(engine.url, { VITRINE_TOKEN: 'another-long-random-token' });
  expect(wrong.code).toBe(1);
  expect(wrong.found.token).toMatchObject({
    status: 'fail',
    detail: 'The token is not the one of this engine',
    next: expect.stringContaining('--token-file'),
  });
  expect((await doctor(engine.url)).found.token).toMatchObject({
    status: 'fail',
    detail: 'This engine wants a token and received none',
  });
});

test('nobody there, somebody else there, and what is no address', async () => {
  expect((await doctor('http://127.0.0.1:9')).found.engine).toMatchObject({
    status: 'fail',
    detail: 'No Vitrine engine answers at http://127.0.0.1:9: it refuses connections (ECONNREFUSED)',
    next: expect.stringContaining('vitrine serve'),
  });
  const printer = await listen((_request, response) => response.end('<h1>Printer</h1>'));
  expect((await doctor(printer)).found.engine).toMatchObject({
    status: 'fail',
    detail: `${printer} answered 200, but not as a Vitrine engine does`,
  });
  expect(await doctor('gpu-box:8089')).toMatchObject({ code: 2, err: expect.stringContaining('--engine') });
});

test('another version, a wrong clock, a full queue, no room', async () => {
  const queue = { running: 2, waiting: 4 };
  const time = new Date(Date.now() + 3600_000).toISOString();
  const url = await listen((request, response) => {
    const health = {
      ...{ service: 'vitrine', status: 'ok', version: '9.9.9', queue, time, disk_free_bytes: 5e8 },
      ...{ device: 'cpu', models_loaded: [], problems: ['a log cannot be written'] },
      configuration: { max_queue: 4, requests_per_minute: 10 },
    };
    response.end(JSON.stringify(request.url === '/health' ? health : []));
  });
  const { code, found } = await doctor(url);
  expect(code).toBe(0);
  for (const check of ['version', 'queue', 'clock', 'disk', 'log'])
    expect(found[check]).toMatchObject({ status: 'warn' });
  expect(found.clock.detail).toMatch(/^3\d{3} s ahead of the one here$/);
});
