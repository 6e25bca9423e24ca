import { createHash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { runVitrine } from '../support/terminal';

const root = tempFolder();
let cwd: string;
beforeEach(() => (cwd = mkdtempSync(join(root, 'case-'))));

const vitrine = (...args: string[]) => runVitrine(cwd, ...args);
const photo = async (...path: string[]) => {
  const folder = join(cwd, ...path.slice(0, -1));
  mkdirSync(folder, { recursive: true });
  return writePackshot(folder, path.at(-1));
};
const digest = (...path: string[]) =>
  createHash('sha256')
    .update(readFileSync(join(cwd, ...path)))
    .digest('hex');
/** What a user sees in a folder. */
const shown = (folder: string) =>
  readdirSync(join(cwd, folder))
    .filter((name) => !name.startsWith('.'))
    .sort();
const json = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('no original is written, whatever leads to it', () => {
  test('another photo of the same stem, which the run does not even read', async () => {
    await photo('a', 'mug.jpg');
    await photo('a', 'mug.png');
    const before = digest('a', 'mug.png');
    for (const choice of [[], ['--on-existing', 'skip'], ['--on-existing', 'error']]) {
      const { stdout, status } = vitrine('remove', 'a/*.jpg', '-o', 'a', '--json', ...choice);
      expect(status).toBe(1);
      expect(json(stdout)[0].error.code).toBe('OUTPUT_EXISTS');
      expect(digest('a', 'mug.png')).toBe(before);
    }
  });

  test('overwriting that was asked for replaces another photo, never one of the run', async () => {
    await photo('a', 'mug.jpg');
    await photo('a', 'mug.png');
    const before = digest('a', 'mug.png');
    const asked = ['-o', 'a/mug.png', '--on-existing', 'overwrite'];
    expect(vitrine('remove', 'a/mug.png', ...asked).status).toBe(1);
    expect(digest('a', 'mug.png')).toBe(before);
    expect(vitrine('remove', 'a/mug.jpg', ...asked).status).toBe(0);
    expect(digest('a', 'mug.png')).not.toBe(before);
  });

  test.each<[string, () => void, string, string]>([
    ['a link', () => symlinkSync('mug.png', join(cwd, 'd/alias.png')), 'd/alias.png', 'd/mug.png'],
    ['a link as output', () => symlinkSync('mug.png', join(cwd, 'd/alias.png')), 'd/mug.png', 'd/alias.png'],
    [
      'a hard link',
      () => linkSync(join(cwd, 'd/mug.png'), join(cwd, 'd/twin.png')),
      'd/twin.png',
      'd/mug.png',
    ],
    ['a linked folder', () => symlinkSync('d', join(cwd, 'e')), 'd/mug.png', 'e/mug.png'],
    ['a way round', () => mkdirSync(join(cwd, 'd/x')), 'd/mug.png', './d/x/../mug.png'],
  ])('through %s', async (_, prepare, input, output) => {
    await photo('d', 'mug.png');
    prepare();
    const before = digest('d', 'mug.png');
    for (const choice of [[], ['--on-existing', 'overwrite'], ['--on-existing', 'skip']]) {
      const { status, stderr } = vitrine('remove', input, '-o', output, ...choice);
      expect([status, stderr]).toEqual([1, expect.stringContaining('Your original would be lost')]);
      expect(digest('d', 'mug.png')).toBe(before);
    }
  });

  test.each(['b/mug.jpg', 'link/mug.jpg'])('by --preview %s: refused before any work', async (preview) => {
    await photo('b', 'mug.jpg');
    symlinkSync('b', join(cwd, 'link'));
    const before = digest('b', 'mug.jpg');
    const args = ['-o', 'out/', '--preview', preview, '--on-existing', 'overwrite'];
    const { status, stderr } = vitrine('remove', 'b/mug.jpg', ...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining('Your original would be lost')]);
    expect(digest('b', 'mug.jpg')).toBe(before);
    expect(shown('out')).toEqual([]);
  });

  test('by --preview, another photo in the same folder', async () => {
    await photo('b', 'mug.jpg');
    await photo('b', 'cup.jpg');
    const before = digest('b', 'cup.jpg');
    const { status, stderr } = vitrine('remove', 'b/mug.jpg', '-o', 'out/', '--preview', 'b/cup.jpg');
    expect([status, stderr]).toEqual([1, expect.stringContaining('it may be a photo')]);
    expect(digest('b', 'cup.jpg')).toBe(before);
  });

  test('by --mask: a photo of the run that is called so', async () => {
    await photo('c', 'mug.jpg');
    await photo('c', 'mug.mask.png');
    const before = digest('c', 'mug.mask.png');
    const { status, stdout } = vitrine(
      'remove',
      'c',
      '-o',
      'c',
      '--mask',
      '--json',
      '--on-existing',
      'overwrite',
    );
    const [error] = json(stdout).flatMap(({ error }) => error ?? []);
    expect([status, error.message]).toEqual([1, expect.stringContaining('c/mug.mask.png')]);
    expect(digest('c', 'mug.mask.png')).toBe(before);
    expect(shown('c')).toEqual(['mug.jpg', 'mug.mask.png']);
  });
});

describe('--on-existing rules every output', () => {
  const keep = (path: string) => writeFileSync(join(cwd, path), 'keep');
  const kept = (path: string) => readFileSync(join(cwd, path), 'utf8') === 'keep';

  beforeEach(async () => {
    await photo('mug.jpg');
    mkdirSync(join(cwd, 'out'));
  });

  test.each(['out/mug.png', 'out/mug.mask.png', 'out/sheet.jpg'])('error: %s', (path) => {
    keep(path);
    const args = ['-o', 'out', '--mask', '--preview', 'out/sheet.jpg', '--on-existing', 'error'];
    const { status, stderr } = vitrine('remove', 'mug.jpg', ...args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${path} is there already`)]);
    expect(kept(path)).toBe(true);
    expect(shown('out')).toEqual([path.slice(4)]);
  });

  test('skip: what is there stays, what is missing is made', () => {
    keep('out/mug.mask.png');
    keep('out/sheet.jpg');
    const args = ['-o', 'out', '--mask', '--preview', 'out/sheet.jpg', '--on-existing', 'skip', '--json'];
    expect(vitrine('remove', 'mug.jpg', ...args).status).toBe(0);
    expect([kept('out/mug.mask.png'), kept('out/sheet.jpg')]).toEqual([true, true]);
    expect(shown('out')).toEqual(['mug.mask.png', 'mug.png', 'sheet.jpg']);
    const again = vitrine('remove', 'mug.jpg', ...args);
    expect(json(again.stdout)).toEqual([
      { input: 'mug.jpg', skipped: true, artifacts: { output: 'out/mug.png', mask: 'out/mug.mask.png' } },
    ]);
  });

  test('overwrite, which is the default elsewhere than among photos', () => {
    for (const path of ['out/mug.png', 'out/mug.mask.png', 'out/sheet.jpg']) keep(path);
    expect(vitrine('remove', 'mug.jpg', '-o', 'out', '--mask', '--preview', 'out/sheet.jpg').status).toBe(0);
    expect(['out/mug.png', 'out/mug.mask.png', 'out/sheet.jpg'].filter(kept)).toEqual([]);
  });

  test('a preview that a result would be called like', () => {
    const { status, stderr } = vitrine('remove', 'mug.jpg', '-o', 'out', '--preview', 'out/mug.png');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/from the preview and from mug\.jpg/)]);
    expect(shown('out')).toEqual([]);
  });
});

describe('in place', () => {
  /** All files, hidden ones included, with their contents. */
  const state = (folder: string) => {
    const entries = readdirSync(join(cwd, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    return Object.fromEntries(files.map((file) => [file, digest(relative(cwd, file))]));
  };

  test.each([
    ['a folder', ['f', '-o', 'f']],
    ['a folder, written another way', ['./f/', '-o', 'f/../f']],
    ['a glob', ['f/*', '-o', 'f']],
    ['a deep glob', ['f/**/*', '-o', 'f/cut']],
    ['a glob of all below', ['**/*.{jpg,png,webp}', '-o', 'elsewhere']],
    ['masks and a preview as well', ['f', '-o', 'f', '--mask', '--preview', 'f/sheet.jpg']],
    ['another format', ['f', '-o', 'f', '--format', 'webp']],
  ])('%s: the second run makes nothing twice', async (_, args) => {
    await photo('f', 'a.jpg');
    await photo('f', 'b.jpg');
    const first = vitrine('remove', ...args, '--json');
    expect([first.status, json(first.stdout).length]).toEqual([0, 2]);
    const before = state('f');
    for (const choice of [[], ['--on-existing', 'overwrite'], ['--on-existing', 'skip']]) {
      const { status, stdout } = vitrine('remove', ...args, '--json', ...choice);
      expect([
        status,
        json(stdout)
          .map(({ input }) => input.slice(-5))
          .sort(),
      ]).toEqual([0, ['a.jpg', 'b.jpg']]);
      expect(state('f')).toEqual(before);
      if (choice[1] === 'skip') expect(json(stdout).every(({ skipped }) => skipped)).toBe(true);
    }
  });

  test('a shell takes the glob apart', async () => {
    await photo('f', 'a.jpg');
    expect(vitrine('remove', 'f/a.jpg', '-o', 'f').status).toBe(0);
    const { status, stderr } = vitrine('remove', 'f/a.jpg', 'f/a.png', '-o', 'f');
    expect([status, stderr]).toEqual([0, expect.stringContaining('an earlier run made it: f/a.png')]);
  });

  test('photos that were taken away since: nothing to do is no failure', async () => {
    await photo('f', 'a.jpg');
    expect(vitrine('remove', 'f', '-o', 'f').status).toBe(0);
    expect(vitrine('remove', 'f/*.png', '-o', 'f').status).toBe(0);
    expect(shown('f')).toEqual(['a.jpg', 'a.png']);
  });

  test('a result that is named alone, or whose photo is not there, is a photo like others', async () => {
    await photo('f', 'a.jpg');
    expect(vitrine('remove', 'f', '-o', 'f').status).toBe(0);
    expect(vitrine('remove', 'f/a.png', '-o', 'small/', '--size', '64').status).toBe(0);
    expect(vitrine('remove', 'f/*.png', '-o', 'some', '--size', '64').status).toBe(0);
    expect([shown('small'), shown('some')]).toEqual([['a.png'], ['a.png']]);
  });

  test('a copied folder remembers', async () => {
    await photo('f', 'a.jpg');
    expect(vitrine('remove', 'f', '-o', 'f').status).toBe(0);
    mkdirSync(join(cwd, 'g'));
    for (const name of readdirSync(join(cwd, 'f'))) {
      writeFileSync(join(cwd, 'g', name), readFileSync(join(cwd, 'f', name)));
      utimesSync(join(cwd, 'g', name), 1, 1);
    }
    expect(vitrine('remove', 'g', '-o', 'g').status).toBe(0);
    expect(shown('g')).toEqual(['a.jpg', 'a.png']);
  });

  test('a result that somebody worked on is kept', async () => {
    await photo('f', 'a.jpg');
    expect(vitrine('remove', 'f', '-o', 'f').status).toBe(0);
    await photo('f', 'a.png');
    const before = digest('f', 'a.png');
    const { status, stderr } = vitrine('remove', 'f', '-o', 'f');
    expect([status, stderr]).toEqual([1, expect.stringContaining('work of yours')]);
    expect(digest('f', 'a.png')).toBe(before);
    expect(vitrine('remove', 'f', '-o', 'f', '--on-existing', 'skip').status).toBe(0);
    expect(digest('f', 'a.png')).toBe(before);
  });

  test('a note that was planted as a link loses nothing', async () => {
    await photo('f', 'a.jpg');
    const victim = await photo('victim.jpg');
    const before = readFileSync(victim);
    symlinkSync(victim, join(cwd, 'f/.vitrine-results'));
    const { status, stderr } = vitrine('remove', 'f', '-o', 'f');
    expect([status, stderr]).toEqual([1, expect.stringContaining('.vitrine-results cannot be used (ELOOP)')]);
    expect([readFileSync(victim).equals(before), shown('f')]).toEqual([true, ['a.jpg']]);
  });
});

describe('photos of one stem', () => {
  test.each([
    ['elsewhere', 'out'],
    ['in place', 'twins'],
  ])('each has a result of its own, %s', async (_, out) => {
    await photo('twins', 'a.jpg');
    await photo('twins', 'a.png');
    await photo('twins', 'b.jpg');
    const before = [digest('twins', 'a.jpg'), digest('twins', 'a.png')];
    for (let run = 0; run < 2; run++) {
      expect(vitrine('remove', 'twins', '-o', out).status).toBe(0);
      expect(shown(out).filter((name) => !['a.jpg', 'a.png', 'b.jpg'].includes(name))).toEqual([
        'a.jpg.png',
        'a.png.png',
        'b.png',
      ]);
    }
    expect([digest('twins', 'a.jpg'), digest('twins', 'a.png')]).toEqual(before);
  });

  test('of one name in two folders: refused before any work, naming both', async () => {
    await photo('x', 'a.jpg');
    await photo('y', 'a.jpg');
    const { status, stderr } = vitrine('remove', 'x', 'y', '-o', 'out');
    expect([status, stderr]).toEqual([2, expect.stringContaining('x/a.jpg and y/a.jpg')]);
    expect(readdirSync(cwd)).not.toContain('out');
  });
});
