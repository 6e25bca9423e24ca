import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AugmentResult } from '../../lib/contracts';
import { type TestEngine, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** A data set that comes with its job, as `curl -F "picture=@mug.jpg;filename=<UPC>/real/mug.jpg"` sends it. */
const folder = tempFolder();
const roots = join(folder, 'data');
let engine: TestEngine;
let photo: Buffer;
let blue: Buffer;

beforeAll(async () => {
  mkdirSync(roots);
  photo = readFileSync(await writePackshot(folder, 'a.png', { width: 160, height: 120, radius: 0.35 }));
  const product: [number, number, number] = [20, 60, 200];
  blue = readFileSync(
    await writePackshot(folder, 'b.png', { width: 160, height: 120, radius: 0.3, product }),
  );
  engine = await startEngine(folder, { VITRINE_OFFLINE: 'true', VITRINE_DATA_ROOTS: roots });
});
afterAll(() => engine?.stop());

type File = [field: string, name: string, bytes: Buffer];

async function send(files: File[], fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [field, name, bytes] of files) form.append(field, new Blob([new Uint8Array(bytes)]), name);
  const asked = { syn_target: '1', real_target: '2', model: 'plain', size: '96', ...fields };
  for (const [name, value] of Object.entries(asked)) form.append(name, value);
  const response = await fetch(`${engine.url}/augment`, { method: 'POST', body: form });
  return { status: response.status, json: (await response.json()) as AugmentResult & { error: object } };
}

test('is topped up; the answer links to the new pictures and the report, and no folder stays', async () => {
  const { status, json } = await send([
    ['picture', '012/real/mug.png', photo],
    ['picture', 'Gr%C3%B6%C3%9Fe 42/cup.png', blue],
    ['background', 'paper.png', blue],
  ]);
  expect(json).toMatchObject({
    ...{ status: 'success', type: 'augmentation', dataset_id: null, dataset_path: null },
    ...{ augmentation_path: null, syn_produced: 2, real_produced: 2 },
  });
  expect(status).toBe(200);
  expect(json.pictures!.map(({ artifact, upc, target, sent }) => [artifact, upc, target, sent])).toEqual([
    ['picture_0001', '012', 'syn', 0],
    ['picture_0002', '012', 'real', 0],
    ['picture_0003', 'Größe 42', 'syn', 1],
    ['picture_0004', 'Größe 42', 'real', 1],
  ]);
  expect(json.pictures![0]).toMatchObject({
    source: '012/real/mug.png',
    background: 'picture',
    pipeline: 'light',
  });
  for (const { artifact, width } of json.pictures!) {
    const picture = await fetch(json.artifacts[artifact]!);
    expect([picture.headers.get('content-type'), width]).toEqual(['image/jpeg', 96]);
  }
  expect(await (await fetch(json.artifacts.report!)).text()).toContain('Größe 42');
  expect(engine.tempFiles()).toEqual([]);
});

test('pictures of one name are two', async () => {
  const { json } = await send([
    ['picture', '012/real/image.png', photo],
    ['picture', '012/real/image.png', blue],
  ]);
  expect(json.report.totals).toMatchObject({ sources: 2, real: { originals: 2, produced: 0 } });
});

test.each<[string, File[], Record<string, string>]>([
  ['a name without a UPC', [['picture', 'mug.png', Buffer.from('x')]], {}],
  ['a name that leads out', [['picture', '..%2F..%2Fetc/real/mug.png', Buffer.from('x')]], {}],
  ['a folder that is none', [['picture', '012/fake/mug.png', Buffer.from('x')]], {}],
  ['two places', [['picture', '012/real/mug.png', Buffer.from('x')]], { dataset_id: 'a' }],
  [
    'more than an answer may hold',
    [['picture', '012/real/mug.png', Buffer.from('x')]],
    { syn_target: '9000' },
  ],
  ['backgrounds alone', [['background', 'a.png', Buffer.from('x')]], {}],
  ['another field', [['photo', '012/real/mug.png', Buffer.from('x')]], {}],
])('%s is refused with what to do, and nothing stays', async (_, files, fields) => {
  const { status, json } = await send(files, fields);
  expect(status).toBe(400);
  expect(json.error).toMatchObject({ code: 'INVALID_PARAMETER', hint: expect.any(String) });
  expect(engine.tempFiles()).toEqual([]);
  expect(existsSync(join(roots, 'etc'))).toBe(false);
});
