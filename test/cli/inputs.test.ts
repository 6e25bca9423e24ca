import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { listInputs } from '../../lib/cli/inputs';
import { planOutputs } from '../../lib/cli/plan';
import { tempFolder } from '../support/temp';

const root = tempFolder();
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(root, 'case-'))));

const touch = (...names: string[]) => names.forEach((name) => writeFileSync(join(folder, name), 'x'));
const listed = async (...args: string[]) => {
  const { files } = await listInputs(args.map((arg) => join(folder, arg)));
  return files.map((file) => relative(folder, file));
};

const SIDE_FILES = [
  'Thumbs.db',
  'ehthumbs.db',
  'DESKTOP.INI',
  '.DS_Store',
  '._a.jpg',
  'Icon\r',
  '.hidden.jpg',
];

test('side files, hidden files, folders and pipes of a folder are left out', async () => {
  touch('a.jpg', 'notes.txt', ...SIDE_FILES);
  mkdirSync(join(folder, 'below'));
  symlinkSync('below', join(folder, 'linked'));
  symlinkSync('nowhere', join(folder, 'broken.jpg'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await listed('.')).toEqual(['a.jpg', 'broken.jpg', 'notes.txt']);
});

test.each([['*'], ['**/*'], ['*[._]*']])('and of the glob %s', async (pattern) => {
  touch('a.jpg', ...SIDE_FILES);
  expect(await listed(pattern)).toEqual(['a.jpg']);
});

test('and of a glob that a shell took apart', async () => {
  touch('a.jpg', ...SIDE_FILES);
  expect(await listed('Thumbs.db', 'a.jpg', 'DESKTOP.INI')).toEqual(['a.jpg']);
  expect(await listed('Thumbs.db')).toEqual(['Thumbs.db']);
});

test('a folder of nothing else is empty', async () => {
  touch(...SIDE_FILES);
  await expect(listed('.')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('empty'),
  });
});

test('a photo that is named twice is one', async () => {
  touch('a.jpg');
  symlinkSync('.', join(folder, 'linked'));
  expect(await listed('a.jpg', '.', './a.jpg', 'linked/a.jpg')).toEqual(['a.jpg']);
});

test('five thousand files', async () => {
  touch(...Array.from({ length: 5000 }, (_, index) => `${index}.jpg`));
  const { files } = await listInputs([folder]);
  const { items } = await planOutputs(files, true, join(folder, 'out'));
  expect(new Set(items.map(({ output }) => output)).size).toBe(5000);
});

test.each([
  [
    ['a.jpg', 'b.jpg'],
    ['a', 'b'],
  ],
  [
    ['a.jpg', 'a.png', 'b.jpg'],
    ['a.jpg', 'a.png', 'b'],
  ],
  [
    ['a.jpg', 'A.png'],
    ['a.jpg', 'A.png'],
  ],
  [
    ['e\u0301.jpg', '\u00e9.png'],
    ['e\u0301.jpg', '\u00e9.png'],
  ],
  [
    ['a.jpg', 'a.png', 'a.jpg.webp'],
    ['a.jpg', 'a.png', 'a.jpg.webp'],
  ],
])('%j become %j', async (files, names) => {
  const { items } = await planOutputs(files, true, 'out');
  expect(items.map(({ output }) => output)).toEqual(names.map((name) => join('out', name)));
});
