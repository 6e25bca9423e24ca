import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { moveFile } from '../../lib/engine';
import { tempFolder } from '../support/temp';

jest.mock('node:fs/promises', () => ({ __esModule: true, ...jest.requireActual('node:fs/promises') }));

const root = tempFolder();
let folder: string;
let from: string;
let to: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
  from = join(folder, 'from');
  to = join(folder, 'to');
  writeFileSync(from, 'new');
});
afterEach(() => jest.restoreAllMocks());

/** Lets a call fail as another file system would, a number of times. */
function fail(call: 'link' | 'rename' | 'copyFile', code: string, times = Infinity): void {
  const real = fs[call] as (...args: unknown[]) => Promise<void>;
  jest.spyOn(fs, call).mockImplementation(async (...args: unknown[]) => {
    if (times-- > 0) throw Object.assign(new Error(code), { code });
    return real(...args);
  });
}

const FILE_SYSTEMS: [string, () => void][] = [
  ['the same one', () => undefined],
  [
    'another one',
    () => {
      fail('rename', 'EXDEV', 1);
      fail('link', 'EXDEV', 1);
    },
  ],
  ['one without hard links', () => fail('link', 'EPERM')],
];

describe.each(FILE_SYSTEMS)('on %s', (_, prepare) => {
  test('replacing', async () => {
    writeFileSync(to, 'old');
    prepare();
    await moveFile(from, to);
    expect([readFileSync(to, 'utf8'), readdirSync(folder)]).toEqual(['new', ['to']]);
  });

  test('what came in between stays when nothing may be replaced', async () => {
    writeFileSync(to, 'old');
    prepare();
    await expect(moveFile(from, to, false)).rejects.toMatchObject({ code: 'EEXIST' });
    expect([readFileSync(to, 'utf8'), readdirSync(folder).sort()]).toEqual(['old', ['from', 'to']]);
  });

  test('a free name', async () => {
    prepare();
    await moveFile(from, to, false);
    expect([readFileSync(to, 'utf8'), readdirSync(folder)]).toEqual(['new', ['to']]);
  });
});

test('a full disk leaves nothing half-written', async () => {
  fail('rename', 'EXDEV');
  fail('copyFile', 'ENOSPC');
  await expect(moveFile(from, to)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect([existsSync(to), readdirSync(folder)]).toEqual([false, ['from']]);
});

test('a name as long as the file system takes it, across file systems', async () => {
  fail('rename', 'EXDEV', 1);
  const long = join(folder, 'x'.repeat(255));
  await moveFile(from, long);
  expect(readFileSync(long, 'utf8')).toBe('new');
});
