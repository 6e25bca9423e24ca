import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AugmentResult, VitrineError } from '../../lib/contracts';
import { Supabase } from '../../lib/providers';
import { PICTURES, madeOf, writeDataset } from '../support/dataset';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { type Receiver, answer, startReceiver } from '../support/receiver';
import { type TestSupabase, drop, refuse, startSupabase, uploads } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { tempFolder } from '../support/temp';

/** The older augmentation worker's job, from its JSON to its JSON: on folders, and in a Supabase that listens here. */
const folder = tempFolder();
const roots = join(folder, 'data');
let engine: TestEngine;
let receiver: Receiver;
let project: TestSupabase | undefined;

beforeAll(async () => {
  mkdirSync(roots);
  receiver = await startReceiver();
  if (!supabaseNote) {
    project = await startSupabase('create table nothing (id text primary key);');
    await project.makeBucket('datasets');
  }
  engine = await startEngine(folder, {
    ...{ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_OFFLINE: 'true', CALLBACK_URL: receiver.url },
    VITRINE_DATA_ROOTS: roots,
    ...(project && { SUPABASE_URL: project.url, SUPABASE_SERVICE_KEY: project.key }),
  });
});
afterAll(() => engine?.stop());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.script = [answer(200)];
});

const ASKED = { syn_target: 5, real_target: 6, model: 'plain', seed: 7 };
const post = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${engine.url}/augment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });
const states = () => receiver.received.map(({ json }) => [json.type, json.status]);
const dataset = (name: string) => writeDataset(join(roots, name));

test('a folder is topped up, the backend told, the report under a link that works', async () => {
  const root = await dataset('told');
  const response = await post({ ...ASKED, dataset_path: root, job_id: 'job-1' });
  const result = (await response.json()) as AugmentResult;
  expect(result).toMatchObject({
    ...{ status: 'success', type: 'augmentation', dataset_id: null, dataset_path: root, supabase: null },
    ...{ syn_produced: 9, real_produced: 5 },
    report: { totals: { classes: 2, syn: { missing: 0 }, real: { missing: 0 } } },
  });
  expect(Object.keys(madeOf(root))).toHaveLength(14);
  expect(states()).toEqual([
    ['augmentation', 'processing'],
    ['augmentation', 'completed'],
  ]);
  expect(receiver.received[1].json).toMatchObject({
    ...{ job_id: 'job-1' },
    result: { status: 'success', syn_produced: 9, report: { items: [{ upc: '0123' }, { upc: 'Größe 42' }] } },
  });
  expect(await (await fetch(result.artifacts.report ?? '')).text()).toContain('</html>');
  expect(JSON.parse(readFileSync(`${root}-augmentation/report.json`, 'utf8'))).toMatchObject({
    syn_produced: 9,
  });
  expect(engine.tempFiles()).toEqual([]);
});

test('as lines of JSON: how far it is, how fast, how long it will take; the last one is the result', async () => {
  const root = await dataset('lines');
  const response = await post({ ...ASKED, dataset_path: root }, { accept: 'application/x-ndjson' });
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ type: 'result', result: { real_produced: 5 } });
  const making = lines.filter(({ stage }) => stage === 'make');
  expect(making.at(-1).message).toMatch(/^picture 14 of 14, [\d.]+ a second, \d+ s left$/);
  const fractions = lines.filter(({ type }) => type === 'progress').map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});

test('folders outside of the roots, none, and both are refused with what to do', async () => {
  const outside = await writeDataset(join(folder, 'outside'));
  const code = async (body: object) => {
    const response = await post({ ...ASKED, ...body });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return [response.status, error.code, error.message];
  };
  expect(await code({ dataset_path: outside })).toEqual([
    403,
    'FORBIDDEN',
    expect.stringContaining('dataset_path'),
  ]);
  expect(await code({ dataset_path: roots })).toEqual([403, 'FORBIDDEN', expect.anything()]);
  expect(await code({ dataset_path: join(roots, 'told'), backgrounds_path: outside })).toEqual([
    ...[403, 'FORBIDDEN', expect.stringContaining('backgrounds_path')],
  ]);
  expect(await code({ dataset_path: join(roots, 'nowhere') })).toEqual([
    400,
    'INVALID_PARAMETER',
    expect.anything(),
  ]);
  expect(await code({})).toEqual([
    400,
    'INVALID_PARAMETER',
    expect.stringContaining('dataset_id or dataset_path'),
  ]);
  expect((await code({ dataset_id: 'a', dataset_path: roots }))[1]).toMatch(/FORBIDDEN|INVALID_PARAMETER/);
});

test('a caller who goes away ends the run; what is made stays, and another run goes on', async () => {
  const root = await dataset('gone');
  const many = { ...ASKED, syn_target: 150, real_target: 150, dataset_path: root };
  const caller = new AbortController();
  const answered = post(many, {}, caller.signal).catch(() => 'gone');
  await waitFor(() => Object.keys(madeOf(root)).length > 5, 60);
  const second = await post({ ...ASKED, dataset_path: root });
  expect([second.status, ((await second.json()) as { error: VitrineError }).error.code]).toEqual([
    409,
    'DATASET_BUSY',
  ]);
  caller.abort();
  expect(await answered).toBe('gone');
  await waitFor(() => !engine.tempFiles().length, 30);
  const left = Object.keys(madeOf(root)).length;
  expect(left).toBeLessThan(592);
  const more = { ...many, syn_target: 1, real_target: left + 6 };
  const result = (await (await post(more)).json()) as AugmentResult;
  expect(result.report.totals).toMatchObject({ real: { missing: 0 }, failed: 0 });
});

(supabaseNote ? describe.skip : describe)(`a data set in Supabase${supabaseNote}`, () => {
  const NAMES = PICTURES.map((name) => name.replace('Größe 42', '0042').replace('zwei 日本', 'two'));
  let count = 0;
  let id = '';

  /** Uploads the originals of a data set of its own. */
  beforeEach(async () => {
    id = `set-${++count}`;
    const root = join(folder, 'upload', id);
    await writeDataset(root, NAMES);
    const signal = new AbortController().signal;
    const supabase = new Supabase({
      url: project!.url,
      key: project!.key,
      allowHosts: ['127.0.0.1'],
      signal,
    });
    for (const name of NAMES)
      await supabase.upload('datasets', `${id}/${name}`, join(root, name), 'image/png');
    rmSync(root, { recursive: true });
    project!.passed = [];
    project!.faults = [];
    project!.atOnce = 0;
  });
  const files = async () => {
    const signal = new AbortController().signal;
    const supabase = new Supabase({
      url: project!.url,
      key: project!.key,
      allowHosts: ['127.0.0.1'],
      signal,
    });
    const keys = (await supabase.list('datasets')).map(({ key }) => key);
    return keys.filter((key) => key.startsWith(`${id}/`) || key.startsWith(`${id}-augmentation/`));
  };
  const made = async () => (await files()).filter((key) => key.includes('/aug_'));

  test('is downloaded, topped up and uploaded; a second run uploads nothing, and what is deleted comes again', async () => {
    const result = (await (await post({ ...ASKED, dataset_id: id })).json()) as AugmentResult;
    expect(result).toMatchObject({
      ...{ status: 'success', dataset_id: id, dataset_path: null, augmentation_path: null },
      ...{ syn_produced: 9, real_produced: 5, supabase: { bucket: 'datasets', prefix: id, downloaded: 8 } },
    });
    const after = await files();
    expect(after.filter((key) => key.includes('/aug_'))).toHaveLength(14);
    expect(after).toEqual(
      expect.arrayContaining([`${id}-augmentation/records.jsonl`, `${id}-augmentation/report.html`]),
    );
    expect(result.supabase?.uploaded).toBe(after.length - 8);
    expect(project!.atOnce).toBeLessThanOrEqual(8);
    const picture = `${project!.url}/storage/v1/object/public/datasets/${id}/0042/synthetic/aug_0001.jpg`;
    const before = Buffer.from(await (await fetch(picture)).arrayBuffer());

    project!.passed = [];
    const again = (await (await post({ ...ASKED, dataset_id: id })).json()) as AugmentResult;
    expect(again).toMatchObject({
      syn_produced: 0,
      real_produced: 0,
      changes: [],
      supabase: { uploaded: 0 },
    });
    expect(project!.passed.filter(uploads)).toEqual([]);

    const signal = new AbortController().signal;
    const supabase = new Supabase({
      url: project!.url,
      key: project!.key,
      allowHosts: ['127.0.0.1'],
      signal,
    });
    await supabase.remove('datasets', [`${id}/0042/synthetic/aug_0001.jpg`]);
    const third = (await (await post({ ...ASKED, dataset_id: id })).json()) as AugmentResult;
    expect([third.syn_produced, third.real_produced]).toEqual([1, 0]);
    expect(Buffer.from(await (await fetch(picture)).arrayBuffer()).equals(before)).toBe(true);
    expect(engine.tempFiles()).toEqual([]);
  });

  test('passing faults cost time only', async () => {
    const busy = refuse(
      429,
      { statusCode: '429', error: 'Too Many', message: 'slow down' },
      { 'retry-after': '1' },
    );
    const broken = refuse(500, { statusCode: '500', error: 'Internal', message: 'oops' });
    const get = ({ method, path }: { method: string; path: string }) => method === 'GET' && path.includes(id);
    project!.faults = [
      { meets: get, fault: drop },
      { meets: get, fault: broken },
      { meets: uploads, fault: busy },
      { meets: uploads, fault: drop },
      { meets: uploads, fault: broken },
    ];
    const response = await post({ ...ASKED, dataset_id: id });
    expect([response.status, project!.faults]).toEqual([200, []]);
    expect(await made()).toHaveLength(14);
  });

  test('a fault that stays fails the job, and leaves the bucket as it was', async () => {
    const before = await files();
    const denied = refuse(403, { statusCode: '403', error: 'Unauthorized', message: 'row-level security' });
    project!.faults = [
      { meets: (passed) => uploads(passed) && passed.path.includes('real/aug_0002'), fault: denied },
    ];
    const response = await post({ ...ASKED, dataset_id: id, job_id: 'job-2' });
    expect(response.status).toBe(502);
    expect(await files()).toEqual(before);
    expect(states().at(-1)).toEqual(['augmentation', 'failed']);
    expect(engine.tempFiles()).toEqual([]);
    expect(engine.log()).not.toContain(project!.key);
  });

  test('a set that is not there says so', async () => {
    const response = await post({ ...ASKED, dataset_id: 'nothing-here' });
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('no pictures of a data set'),
    ]);
  });
});
