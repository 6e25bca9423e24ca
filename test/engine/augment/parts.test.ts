import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PictureDone } from '../../../lib/contracts';
import { choose } from '../../../lib/engine/augment/choose';
import { usableFor } from '../../../lib/engine/augment/cut';
import { madeName } from '../../../lib/engine/augment/names';
import { Records } from '../../../lib/engine/augment/records';
import { areaOf, readRunLengths } from '../../../lib/engine/augment/run-lengths';
import type { Original } from '../../../lib/engine/augment/originals';
import { indexesOf, scanDataset } from '../../../lib/engine/augment/scan';
import { splitOf } from '../../../lib/engine/augment/split';
import type { CutKnown, State } from '../../../lib/engine/augment/state';
import { runLengths } from '../../../lib/pipelines/augment/run-lengths';
import { tempFolder } from '../../support/temp';

/** What a top-up is decided by, each part for itself. */
const folder = tempFolder();
const sha = (n: number) =>
  (n * 2654435761)
    .toString(16)
    .padStart(64, (n * 40503).toString(16))
    .slice(-64);
const write = (root: string, ...names: string[]) => {
  for (const name of names) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), 'x');
  }
};

describe('what lies in a data set', () => {
  const root = join(folder, 'shelf');
  beforeAll(() => {
    write(
      root,
      'A/a.jpg',
      'A/real/b.PNG',
      'A/Synthetic/c.webp',
      'A/syn/deep/d.jpg',
      'A/other/e.heic',
      'A/syn/aug_0003.jpg',
    );
    write(
      root,
      'A/.hidden.jpg',
      'A/Thumbs.db',
      'A/notes.txt',
      'A/._b.png',
      'A/@eaDir/f.jpg',
      'A/AUG_old.jpg',
    );
    write(
      root,
      'Größe 日本/real/ü.jpg',
      '.git/x.jpg',
      '__MACOSX/x.jpg',
      'loose.jpg',
      'bg/wall.jpg',
      'B/synthetic/aug_12.png',
    );
    write(folder, 'elsewhere/secret.jpg');
    symlinkSync(join(folder, 'elsewhere/secret.jpg'), join(root, 'A/real/out.jpg'));
    symlinkSync(join(root, 'A/a.jpg'), join(root, 'A/real/in.jpg'));
    symlinkSync(join(folder, 'elsewhere'), join(root, 'linked'));
  });

  test('folders of every kind; hidden files, those of systems and other kinds of files do not count', async () => {
    const { classes, warnings } = await scanDataset(root, { except: join(root, 'bg') });
    expect(classes.map(({ upc }) => upc)).toEqual(['A', 'B', 'Größe 日本']);
    expect(classes[0].originals).toEqual({
      real: ['A/a.jpg', 'A/other/e.heic', 'A/real/b.PNG', 'A/real/in.jpg'],
      syn: ['A/Synthetic/c.webp', 'A/syn/deep/d.jpg'],
    });
    expect(classes[0].made).toEqual({ syn: ['A/syn/aug_0003.jpg'], real: ['A/AUG_old.jpg'] });
    expect(classes[0].folders).toEqual({ syn: 'A/syn', real: 'A/real' });
    expect(classes[1].folders).toEqual({ syn: 'B/synthetic', real: 'B/real' });
    expect(classes[0].leftOut).toEqual([
      { file: 'A/real/out.jpg', reason: 'a link that leads out of the data set' },
    ]);
    expect(warnings.join(' ')).toMatch(
      /1 pictures, such as loose.jpg.*1 links in the data set, such as linked/,
    );
  });

  test('numbers in names, and names that count without a file', async () => {
    expect(indexesOf(['A/syn/aug_0003.jpg', 'A/syn/x/aug_12.PNG', 'A/syn/aug_x.jpg'])).toEqual(
      new Set([3, 12]),
    );
    expect([madeName(7, 'jpeg'), madeName(12345, 'png')]).toEqual(['aug_0007.jpg', 'aug_12345.png']);
    const { classes } = await scanDataset(root, { elsewhere: ['C/real/aug_0001.jpg', 'A/syn/aug_0003.jpg'] });
    expect(classes.find(({ upc }) => upc === 'C')?.made.real).toEqual(['C/real/aug_0001.jpg']);
    expect(classes[0].made.syn).toEqual(['A/syn/aug_0003.jpg']);
  });
});

test('a source that goes or comes changes the choices only that it has', () => {
  const from = Array.from({ length: 12 }, (_, n) => ({ sha256: sha(n + 1) }));
  const of = (sources: { sha256: string }[]) =>
    Array.from({ length: 600 }, (_, index) => choose([7, '0123', 'syn', index], sources).sha256);
  const all = of(from);
  const gone = from[5].sha256;
  const rest = of([...from].reverse().filter(({ sha256 }) => sha256 !== gone));
  all.forEach((sha256, index) =>
    sha256 === gone ? expect(rest[index]).not.toBe(gone) : expect(rest[index]).toBe(sha256),
  );
  const counts = from.map(({ sha256 }) => all.filter((each) => each === sha256).length);
  expect(Math.min(...counts)).toBeGreaterThan(25);
  expect(Math.max(...counts)).toBeLessThan(80);
});

test('sides of a split: shares are met, siblings stay together, and no class is left without training', () => {
  const originals = Array.from({ length: 900 }, (_, n) => ({
    file: `A/real/${n}.jpg`,
    sha256: sha(n + 1),
    upc: 'A',
  }));
  const sides = splitOf(0, [0.8, 0.1, 0.1], originals);
  const share = (side: string) => sides.filter((each) => each === side).length / sides.length;
  expect(share('train')).toBeCloseTo(0.8, 1);
  expect(share('val')).toBeCloseTo(0.1, 1);
  expect(splitOf(0, [0.8, 0.1, 0.1], originals.slice(100))).toEqual(sides.slice(100));
  const clip = Array.from({ length: 40 }, (_, n) => ({
    ...{ file: `B/real/mug_frame_${n}.png`, sha256: sha(n + 2000), upc: 'B' },
  }));
  expect(new Set(splitOf(0, [0.5, 0.5], clip)).size).toBe(1);
  const lonely = Array.from({ length: 50 }, (_, n) => ({
    file: `${n}/real/a.jpg`,
    sha256: sha(n + 1),
    upc: `${n}`,
  }));
  expect(splitOf(0, [0.01, 0.99], lonely)).toEqual(lonely.map(() => 'train'));
  expect(splitOf(0, undefined, lonely)).toEqual(lonely.map(() => 'train'));
});

test('run lengths come back as they were written', () => {
  const [width, height] = [37, 23];
  const data = Uint8Array.from({ length: width * height }, (_, at) =>
    ((at * 7919) >> 5) % 3 === 0 ? 200 : 20,
  );
  const runs = readRunLengths(runLengths({ data, width, height }, [0, 0, width, height], 128));
  expect(runs.reduce((sum, run) => sum + run, 0)).toBe(width * height);
  expect(areaOf(runs)).toBe(data.filter((value) => value >= 128).length);
  const inside: number[] = [];
  runs.forEach((run, at) => inside.push(...Array<number>(run).fill(at % 2)));
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) expect(inside[x * height + y]).toBe(data[y * width + x] >= 128 ? 1 : 0);
});

describe('records', () => {
  const done = (upc: string, index: number, note = 'a') =>
    ({
      record: {
        ...{ file: `${upc}/syn/aug_${index}.jpg`, upc, target: 'syn', index, seed: 1, note },
        ...{ source: { sha256: sha(1) }, augmentation: { pipeline: 'light', digest: 'd' } },
      },
    }) as unknown as PictureDone;

  test('lines of pictures that are not there are swept out, the rest is put in order; a torn one counts as not there', async () => {
    const path = join(folder, 'records.jsonl');
    let records = await Records.open(path);
    await records.append([done('b', 1), done('a', 10), done('a', 2, 'ä日')]);
    await records.append([done('a', 2, 'again ü'), done('gone', 1)]);
    await records.close();
    appendFileSync(path, '{"record":{"file":"a/syn');
    records = await Records.open(path);
    expect(records.files.sort()).toEqual([
      'a/syn/aug_10.jpg',
      'a/syn/aug_2.jpg',
      'b/syn/aug_1.jpg',
      'gone/syn/aug_1.jpg',
    ]);
    await records.append([done('a', 3)]);
    expect(await records.read('a/syn/aug_2.jpg')).toEqual(done('a', 2, 'again ü'));
    const there = new Set(['a/syn/aug_10.jpg', 'a/syn/aug_2.jpg', 'b/syn/aug_1.jpg', 'a/syn/aug_3.jpg']);
    await records.tidy(there);
    expect(await records.read('b/syn/aug_1.jpg')).toEqual(done('b', 1));
    await records.append([done('b', 2)]);
    expect(await records.read('b/syn/aug_2.jpg')).toEqual(done('b', 2));
    await records.close();
    const expected = [done('a', 2, 'again ü'), done('a', 3), done('a', 10), done('b', 1), done('b', 2)];
    expect(readFileSync(path, 'utf8')).toBe(expected.map((each) => `${JSON.stringify(each)}\n`).join(''));
  });
});

describe('what synthetic pictures are made of', () => {
  const original = (name: string): Original => ({
    ...{ file: `A/${name}.jpg`, sha256: name, upc: 'A', target: 'real' },
    survey: { sha256: name, width: 9, height: 9, border: null, hash: '0' },
  });
  const [sure, unsure, none] = ['sure', 'unsure', 'none'].map(original);
  const cutouts = new Map([
    ['sure', { model: 'u2netp', unsure: false } as CutKnown],
    ['unsure', { model: 'u2netp', unsure: true } as CutKnown],
    ['none', { key: '', error: { code: 'NO_SUBJECT', message: '', hint: '' } }],
  ]);
  const made = (sources: Original[], fallback: Original[] = [], includeUnsure = false) =>
    usableFor('syn', { sources, fallback }, { cutouts } as State, includeUnsure);

  test('good cutouts first, then those of real photos, then the photos as they are', () => {
    expect(made([none, unsure, sure])).toEqual([sure]);
    expect(made([none, unsure], [sure])).toEqual([sure]);
    expect(made([none, unsure], [none])).toEqual([none, unsure]);
    expect(made([none, unsure], [sure], true)).toEqual([unsure]);
    expect(made([])).toEqual([]);
  });
});
