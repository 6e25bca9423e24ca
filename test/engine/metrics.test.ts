import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packVersion, packageRoot } from '../../lib/contracts';
import { type TestEngine, post, startEngine, waitFor } from '../support/engine';
import { writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const token = 'a-long-random-token';
const headers = { Authorization: `Bearer ${token}` };
let engine: TestEngine;
let text: string;

const read = async () => (await fetch(`${engine.url}/metrics`, { headers })).text();

/** The value of a series, its labels in any order. */
function valueOf(name: string, labels: Record<string, string> = {}): number {
  const line = text.split('\n').find((each) => {
    const given = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return new RegExp(`^${name}[{ ]`).test(each) && given.every((pair) => each.includes(pair));
  });
  return Number(line?.split(' ').pop());
}

beforeAll(async () => {
  engine = await startEngine(folder, { VITRINE_TOKEN: token });
  const photo = await writePackshot(folder);
  const clutter = await writeClutter(folder);
  const cleanup = `${engine.url}/background/cleanup`;
  for (let job = 0; job < 2; job++) await post(cleanup, photo, {}, headers);
  await post(cleanup, clutter, { model: 'plain' }, headers);
  await post(cleanup, photo);
  await fetch(`${engine.url}/nowhere`, { headers });
  process.kill(engine.workerPid(), 'SIGKILL');
  await waitFor(async () => /^vitrine_worker_deaths_total 1$/m.test(await read()));
  await post(cleanup, photo, { model: 'plain' }, headers);
  text = await read();
});
afterAll(() => engine.stop());

test('jobs by kind and outcome, and their seconds', () => {
  expect(valueOf('vitrine_jobs_total', { job: 'remove', outcome: 'ok' })).toBe(3);
  expect(valueOf('vitrine_jobs_total', { job: 'remove', outcome: 'CLUTTERED_BACKGROUND' })).toBe(1);
  expect(valueOf('vitrine_job_seconds_count', { job: 'remove' })).toBe(4);
  expect(valueOf('vitrine_jobs_running')).toBe(0);
  expect(valueOf('vitrine_jobs_coming')).toBe(0);
});

test('errors by code, each once, those of refused requests too', () => {
  expect(valueOf('vitrine_errors_total', { code: 'CLUTTERED_BACKGROUND' })).toBe(1);
  expect(valueOf('vitrine_errors_total', { code: 'UNAUTHORIZED' })).toBe(1);
  expect(valueOf('vitrine_errors_total', { code: 'NOT_FOUND' })).toBe(1);
});

test('the parts of a job, and the time in the queue', () => {
  for (const stage of ['decode', 'infer', 'refine', 'encode']) {
    expect(valueOf('vitrine_stage_seconds_count', { job: 'remove', stage })).toBe(3);
    expect(valueOf('vitrine_stage_seconds_sum', { job: 'remove', stage })).toBeGreaterThan(0);
  }
  expect(valueOf('vitrine_wait_seconds_count', { lane: 'inference' })).toBe(4);
});

test('lanes, workers, networks, memory, disk', () => {
  expect(valueOf('vitrine_lane_workers', { lane: 'inference' })).toBe(1);
  expect(valueOf('vitrine_lane_waiting', { lane: 'augmentation' })).toBe(0);
  if (process.platform === 'linux')
    expect(valueOf('vitrine_worker_memory_bytes', { lane: 'inference' })).toBeGreaterThan(20e6);
  expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(20e6);
  expect(valueOf('vitrine_disk_free_bytes')).toBeGreaterThan(0);
  expect(valueOf('vitrine_info', { version: packVersion, device: 'auto' })).toBe(1);
});

test('networks that are held ready, by the bytes of their files', async () => {
  await post(`${engine.url}/background/cleanup`, join(folder, 'packshot.jpg'), { model: 'u2netp' }, headers);
  text = await read();
  expect(valueOf('vitrine_model_loaded_bytes', { model: 'u2netp', device: 'cpu' })).toBeGreaterThan(1e6);
});

describe('the dashboard of docker/grafana', () => {
  const dashboard = JSON.parse(readFileSync(join(packageRoot, 'docker/grafana/vitrine.json'), 'utf8'));
  const expressions: string[] = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => expr),
  );

  test('asks for nothing that the engine does not show', async () => {
    const names = new Set(expressions.flatMap((expr) => expr.match(/\b(vitrine|process|nodejs)_\w+/g) ?? []));
    expect(names.size).toBeGreaterThan(15);
    for (const name of names) expect(text).toMatch(new RegExp(`^${name}[{ ]`, 'm'));
  });

  test('shows all that is ours', async () => {
    const ours = new Set(text.match(/^# TYPE (vitrine_\w+)/gm)!.map((line) => line.split(' ')[2]));
    ours.delete('vitrine_queue_limit');
    for (const name of ours) expect(expressions.join(' ')).toContain(name);
  });

  test('has the data source as a variable', () => {
    const [source] = dashboard.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    for (const panel of dashboard.panels) expect(panel.datasource.uid).toBe('${datasource}');
  });
});
