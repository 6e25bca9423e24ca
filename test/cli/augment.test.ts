import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AugmentResult, type PictureDone, builtFile } from '../../lib/contracts';
import { hashOf, madeOf, writeDataset } from '../support/dataset';
import { waitFor } from '../support/engine';
import { tempFolder } from '../support/temp';
import { runVitrine } from '../support/terminal';

/** The terminal's door to data sets: what is made, what is made again, and what is left of a run that was killed. */
const folder = tempFolder();
const TARGETS = ['--syn-target', '9', '--real-target', '8'];
/** Enough that a run can be killed in the midst of it. */
const MANY = ['--syn-target', '30', '--real-target', '20'];
const OPTIONS = ['--model', 'plain', '--seed', '7', '--no-report'];

const dataset = async (name: string) => writeDataset(join(folder, name, 'shelf'));
const augment = (root: string, ...args: string[]) => {
  const { status, stdout, stderr } = runVitrine(folder, 'augment', root, ...OPTIONS, '--json', ...args);
  const [line] = stdout.split('\n');
  return {
    status,
    stderr,
    result: JSON.parse(line || '{}') as AugmentResult & { error?: { code: string; message: string } },
  };
};
const recordsOf = (root: string) => readFileSync(`${root}-augmentation/records.jsonl`, 'utf8');
const lines = (root: string) =>
  recordsOf(root)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PictureDone);

let undisturbed: string;
let whole: Record<string, string>;
beforeAll(async () => {
  undisturbed = await dataset('undisturbed');
  const { status, result, stderr } = augment(undisturbed, ...MANY, '--workers', '1');
  expect([status, stderr.includes('Error')]).toEqual([0, false]);
  expect([result.syn_produced, result.real_produced]).toEqual([59, 33]);
  whole = madeOf(undisturbed);
});

test('targets are met exactly, originals counted; a second run makes nothing', async () => {
  const root = await dataset('exact');
  const { status, result } = augment(root, ...TARGETS);
  expect(status).toBe(0);
  expect(result).toMatchObject({
    ...{ status: 'success', type: 'augmentation', dataset_id: null, syn_produced: 17, real_produced: 9 },
    ...{ seed: 7, model: 'plain', device: 'cpu', changes: [], split: null },
  });
  const { totals, items } = result.report;
  expect(totals).toMatchObject({
    ...{ classes: 2, sources: 8, skipped: 0, failed: 0 },
    syn: { target: 18, existing: 1, originals: 1, produced: 17, missing: 0 },
    real: { target: 16, existing: 7, originals: 7, produced: 9, missing: 0 },
  });
  expect(items.map(({ upc, syn }) => [upc, syn.produced, syn.pipelines])).toEqual([
    ['0123', 9, { light: 5, heavy: 4 }],
    ['Größe 42', 8, { light: 4, heavy: 4 }],
  ]);
  const made = madeOf(root);
  expect(Object.keys(made)).toHaveLength(26);
  expect(Object.keys(made)).toEqual(
    expect.arrayContaining([
      '0123/syn/aug_0008.jpg',
      'Größe 42/synthetic/aug_0007.jpg',
      'Größe 42/real/aug_0004.jpg',
    ]),
  );
  expect(
    lines(root)
      .map(({ record, sha256 }) => [record.file, sha256])
      .sort(),
  ).toEqual(Object.entries(made));

  const again = augment(root, ...TARGETS);
  expect(again.result).toMatchObject({ syn_produced: 0, real_produced: 0, changes: [] });
  expect(again.result.report.items.flatMap(({ warnings }) => warnings)).toEqual([]);
  expect(madeOf(root)).toEqual(made);
});

test('what was deleted is made again, and nothing else, byte by byte; whatever the number of workers', async () => {
  const root = join(folder, 'deleted', 'shelf');
  cpSync(join(folder, 'undisturbed'), join(folder, 'deleted'), { recursive: true });
  const names = Object.keys(whole).filter((_, at) => at % 13 === 5);
  expect(names).toHaveLength(7);
  for (const name of names) rmSync(join(root, name));
  const { result } = augment(root, ...MANY, '--workers', '2');
  expect(result.syn_produced + result.real_produced).toBe(7);
  expect(madeOf(root)).toEqual(whole);
  expect(recordsOf(root)).toBe(recordsOf(undisturbed));
});

test('a run that is killed leaves nothing half-made, and the next one comes to the same as an undisturbed one', async () => {
  const root = await dataset('killed');
  const args = ['augment', root, ...OPTIONS, ...MANY, '--workers', '2'];
  const env = { ...process.env, VITRINE_HOME: `${folder}/.home`, VITRINE_TEMP_DIR: `${folder}/.tmp` };
  const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  await waitFor(() => Object.keys(madeOf(root)).length > 10, 60);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = madeOf(root);
  expect(Object.keys(left).length).toBeLessThan(92);
  for (const [name, sha256] of Object.entries(left)) expect([name, sha256]).toEqual([name, whole[name]]);
  const known = new Set(lines(root).map(({ record }) => record.file));
  for (const name of Object.keys(left)) expect(known).toContain(name);
  // As if it had been killed in the midst of a line.
  writeFileSync(`${root}-augmentation/records.jsonl`, '{"record":{"file":"0123/s', { flag: 'a' });

  const { result } = augment(root, ...MANY, '--workers', '2');
  expect(result.syn_produced + result.real_produced).toBe(92 - Object.keys(left).length);
  expect(madeOf(root)).toEqual(whole);
  expect(recordsOf(root)).toBe(recordsOf(undisturbed));
  expect(readdirSync(root, { recursive: true }).filter((name) => String(name).includes('.part'))).toEqual([]);
  expect(existsSync(`${root}-augmentation/.making`)).toBe(false);
});

test('a source that is gone changes its own pictures only; broken ones are named and change none', async () => {
  const root = await dataset('gone');
  rmSync(join(root, '0123/real/five.png'));
  writeFileSync(join(root, '0123/real/empty.png'), '');
  writeFileSync(
    join(root, '0123/real/broken.jpg'),
    readFileSync(join(root, '0123/real/four.jpg')).subarray(0, 400),
  );
  writeFileSync(join(root, 'Größe 42/real/text.jpg'), 'no picture');
  const { status, result } = augment(root, ...MANY);
  expect(status).toBe(0);
  const [first, second] = result.report.items;
  expect(first.skipped.map(({ file }) => file).sort()).toEqual([
    '0123/real/broken.jpg',
    '0123/real/empty.png',
  ]);
  expect(first.skipped.find(({ file }) => file.includes('empty'))?.reason).toContain('empty');
  expect(second.skipped.map(({ file }) => file)).toEqual(['Größe 42/real/text.jpg']);
  expect([first.real.produced, first.sources]).toEqual([17, 3]);
  const gone = new Set(
    lines(undisturbed)
      .filter(({ record }) => {
        const { behind = [], before = [] } = record.composition ?? {};
        return [record.source, ...behind, ...before].some(({ name }) => name === '0123/real/five.png');
      })
      .map(({ record }) => record.file),
  );
  expect(gone.size).toBeGreaterThan(2);
  const made = madeOf(root);
  const kept = Object.keys(whole).filter((name) => !gone.has(name));
  for (const name of kept) expect([name, made[name]]).toEqual([name, whole[name]]);
});

test('another seed and other sources are noticed, and told of', async () => {
  const root = await dataset('changed');
  augment(root, ...TARGETS);
  rmSync(join(root, '0123/real/six.webp'));
  const { result } = augment(root, ...TARGETS, '--seed', '8', '--size', '64');
  expect(result.changes).toEqual([
    'seed was 7 in the run before and is 8 now.',
    "size was the sources' in the run before and is 64 now.",
    'The sources of a class are others than in the run before: 0123.',
  ]);
  expect(result.report.items[0].warnings[0]).toMatch(
    /would come out otherwise today: \d+ are of another seed/,
  );
  // The original that is gone is replaced, so that the target is met.
  expect(result).toMatchObject({ syn_produced: 0, real_produced: 1 });
});

test('masks, labels and a split: siblings stay on one side, and only training pictures are made of', async () => {
  const frames = ['a', 'b'].flatMap((clip) => [1, 2, 3, 4].map((n) => `0456/real/${clip}/frame_000${n}.png`));
  const root = await writeDataset(join(folder, 'labels', 'shelf'), [
    ...frames,
    '0123/real/one.png',
    '0123/real/two.png',
  ]);
  const { result } = augment(root, ...TARGETS, '--split', '0.5,0.25,0.25', '--labels', 'both', '--masks');
  const { files } = JSON.parse(readFileSync(`${root}-augmentation/splits.json`, 'utf8')) as {
    files: Record<string, string>;
  };
  for (const clip of ['a', 'b'])
    expect(new Set(frames.filter((name) => name.includes(`/${clip}/`)).map((name) => files[name])).size).toBe(
      1,
    );
  for (const { record } of lines(root)) expect(files[record.source.name]).toBe('train');
  const sides = Object.values(result.split ?? {}).reduce((sum, count) => sum + count, 0);
  expect(sides).toBe(10);

  const [coco, val, test] = ['train', 'val', 'test'].map((side) =>
    JSON.parse(readFileSync(`${root}-augmentation/coco/${side}.json`, 'utf8')),
  );
  expect(coco.categories).toEqual([
    { id: 1, name: '0123', supercategory: 'product' },
    { id: 2, name: '0456', supercategory: 'product' },
  ]);
  const imagesOf = ({ images }: { images: { file_name: string }[] }) =>
    images.map((image) => image.file_name);
  const labelled = lines(root).filter(({ rle }) => rle !== undefined);
  const made = labelled.map(({ record }) => record.file);
  // A picture that lies in two classes has no label.
  const shared = ['0123/real/one.png', '0123/real/two.png', frames[0], frames[1]];
  const originals = Object.keys(files).filter((name) => !name.includes('aug_') && !shared.includes(name));
  const on = (side: string) => originals.filter((name) => files[name] === side).sort();
  expect(imagesOf(coco).sort()).toEqual([...on('train'), ...made].sort());
  expect(imagesOf(val).sort()).toEqual(on('val'));
  expect(imagesOf(test).sort()).toEqual(on('test'));
  expect([...on('val'), ...on('test')].length).toBeGreaterThan(0);
  expect(coco.images.map((image: { id: number }) => image.id)).toEqual(
    coco.images.map((_: never, at: number) => at + 1),
  );
  const [first] = labelled;
  const image = coco.images.find((each: { file_name: string }) => each.file_name === first.record.file);
  const note = coco.annotations.find((each: { image_id: number }) => each.image_id === image.id);
  expect(image).toMatchObject({ width: first.width });
  expect(note).toMatchObject({ bbox: first.boxes[0], iscrowd: 0 });
  expect(note.area / (first.width * first.height)).toBeCloseTo(first.area, 3);

  const yolo = `${root}-augmentation/yolo`;
  expect(readFileSync(`${yolo}/classes.txt`, 'utf8')).toBe('0123\n0456\n');
  const [line] = readFileSync(`${yolo}/train.txt`, 'utf8').split('\n');
  expect(existsSync(join(yolo, line))).toBe(true);
  const text = readFileSync(
    join(yolo, line.replace('/images/', '/labels/').replace(/\.\w+$/, '.txt')),
    'utf8',
  );
  expect(text).toMatch(/^[01] 0\.\d{6} 0\.\d{6} 0\.\d{6} 0\.\d{6}\n$/);
  expect(existsSync(`${root}-augmentation/masks/${first.record.file.replace('.jpg', '.png')}`)).toBe(true);
});

test('a picture is made again from its record: by its line, by its name, alone; a lost source is told', () => {
  const [one] = Object.keys(whole).filter((name) => name.includes('synthetic'));
  const again = (place: string, ...args: string[]) =>
    runVitrine(folder, 'augment', '--replay', place, '--json', ...args);
  const records = `${undisturbed}-augmentation/records.jsonl`;
  const named = again(`${records}:${one}`, '-o', join(folder, 'again.jpg'));
  expect(JSON.parse(named.stdout)).toMatchObject({
    file: one,
    sha256: whole[one],
    same: true,
    unchanged: true,
  });
  expect(hashOf(join(folder, 'again.jpg'))).toBe(whole[one]);

  const moved = join(folder, 'moved', 'shelf');
  cpSync(join(folder, 'undisturbed', 'shelf'), moved, { recursive: true });
  const { record } = lines(undisturbed)[70];
  writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
  const alone = runVitrine(folder, 'augment', moved, '--replay', join(folder, 'record.json'), '--json');
  expect(JSON.parse(alone.stdout)).toMatchObject({
    file: record.file,
    sha256: whole[record.file],
    same: true,
  });
  expect(alone.status).toBe(0);

  rmSync(join(moved, record.source.name));
  const lost = runVitrine(folder, 'augment', moved, '--replay', join(folder, 'record.json'), '--json');
  expect(JSON.parse(lost.stdout).error).toMatchObject({ code: 'NOT_FOUND' });
  expect(lost.status).toBe(1);
  expect(again(`${records}:0999`).status).toBe(2);
});

test('bad usage, a data set without classes, and one that nothing can be made of', () => {
  const nothing = runVitrine(folder, 'augment');
  expect([nothing.status, nothing.stderr]).toEqual([
    2,
    expect.stringContaining('dataset_id or dataset_path'),
  ]);
  expect(augment(join(folder, 'nowhere')).status).toBe(2);
  mkdirSync(join(folder, 'empty'));
  expect(augment(join(folder, 'empty')).result.error?.code).toBe('NOT_FOUND');
  mkdirSync(join(folder, 'bare', '0123'), { recursive: true });
  const bare = augment(join(folder, 'bare'), ...TARGETS);
  expect(bare.status).toBe(3);
  expect(bare.result.report.totals.syn).toMatchObject({ produced: 0, missing: 9 });
  expect(bare.result.report.items[0].warnings[0]).toContain('no picture that can be read');
  const misspelt = runVitrine(folder, 'augment', join(folder, 'bare'), '--syn-pipeline', 'havy');
  expect(misspelt.stderr).toContain('Did you mean heavy');
});
