import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { runVitrine } from '../support/terminal';

const root = tempFolder();
let cwd: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(root, 'case-'));
  mkdirSync(join(cwd, 'in'));
  await writePackshot(join(cwd, 'in'), 'mug.jpg');
});

const vitrine = (...args: string[]) => runVitrine(cwd, ...args);

describe('file errors name the path and the way out', () => {
  test.each(['in/mug.jpg/x.png', 'in/mug.jpg/below/'])('-o %s', (out) => {
    const { status, stderr } = vitrine('remove', 'in/mug.jpg', '-o', out);
    expect(status).toBe(1);
    expect(stderr).toMatch(/mug\.jpg\/.* cannot be used \(ENOTDIR\).+\n {2}Correct the path\.\n$/);
  });

  test('a name that becomes too long fails alone, and nothing of it stays', async () => {
    const long = 'x'.repeat(251);
    renameSync(await writePackshot(join(cwd, 'in'), 'long.jpg'), join(cwd, 'in', `${long}.jpg`));
    const { status, stdout } = vitrine('remove', 'in', '-o', 'out', '--mask', '--json');
    const errors = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).error)
      .filter(Boolean);
    expect([status, errors]).toEqual([
      3,
      [
        {
          code: 'FILE_ERROR',
          message: expect.stringMatching(/x\.mask\.png .*ENAMETOOLONG/),
          hint: expect.stringContaining('shorter'),
        },
      ],
    ]);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['mug.mask.png', 'mug.png']);
  });

  test('a folder where the result goes', () => {
    mkdirSync(join(cwd, 'out/mug.png'), { recursive: true });
    const { status, stderr } = vitrine('remove', 'in/mug.jpg', '-o', 'out');
    expect([status, stderr]).toEqual([1, expect.stringContaining('out/mug.png')]);
    expect(stderr).not.toContain('unexpected');
  });

  test('folders and photos of somebody else', () => {
    for (const folder of ['out', '.home', '.tmp']) mkdirSync(join(cwd, folder));
    for (const path of [root, cwd, join(cwd, 'in')]) chmodSync(path, 0o755);
    chmodSync(join(cwd, '.home'), 0o777);
    chmodSync(join(cwd, '.tmp'), 0o777);
    chmodSync(join(cwd, 'out'), 0o555);
    const asOther = (...args: string[]) =>
      spawnSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
        cwd,
        env: { ...process.env, VITRINE_HOME: join(cwd, '.home'), VITRINE_TEMP_DIR: join(cwd, '.tmp') },
        encoding: 'utf8',
        // Root may do everything.
        ...(process.getuid?.() === 0 && { uid: 65534, gid: 65534 }),
      });
    const readOnly = asOther('remove', 'in/mug.jpg', '-o', 'out');
    expect([readOnly.status, readOnly.stderr]).toEqual([
      1,
      expect.stringMatching(/\/out\/ cannot be used \(EACCES\)/),
    ]);
    chmodSync(join(cwd, 'in'), 0o600);
    const closed = asOther('remove', 'in/mug.jpg', '-o', 'x.png');
    chmodSync(join(cwd, 'in'), 0o755);
    expect([closed.status, closed.stderr]).toEqual([
      1,
      expect.stringMatching(/in\/mug\.jpg cannot be used \(EACCES\)/),
    ]);
  });
});

jest.setTimeout(120_000);

describe('Ctrl-C', () => {
  /** Sends it once `ready`. */
  async function interrupted(args: string[], ready: (stderr: string) => boolean) {
    const child: ChildProcess = spawn(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
      cwd,
      env: { ...process.env, VITRINE_HOME: join(cwd, '.home'), VITRINE_TEMP_DIR: join(cwd, '.tmp') },
    });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await waitFor(() => ready(stderr), 90);
    child.kill('SIGINT');
    return { status: await ended, stderr };
  }

  test('ends the drawing of a preview, and leaves nothing', async () => {
    for (let index = 0; index < 7; index++) {
      await writePackshot(join(cwd, 'in'), `${index}.jpg`, { width: 400, height: 300 });
    }
    const { status, stderr } = await interrupted(
      ['remove', 'in', '-o', 'out', '--preview', 'sheet.jpg'],
      (text) => text.includes('8 done, 0 failed'),
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('cancelled')]);
    expect(existsSync(join(cwd, 'sheet.jpg'))).toBe(false);
    expect(readdirSync(join(cwd, '.tmp'))).toEqual([]);
  });

  test('begins no further photo', async () => {
    for (let index = 0; index < 30; index++) writeFileSync(join(cwd, 'in', `${index}.txt`), 'no picture');
    await writePackshot(join(cwd, 'in'), '0.jpg', { width: 3000, height: 2400 });
    const { status, stderr } = await interrupted(['remove', 'in', '-o', 'out'], (text) =>
      text.includes('.txt'),
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('cancelled')]);
    expect(stderr.match(/cancelled/g)).toHaveLength(1);
    expect(readdirSync(join(cwd, '.tmp'))).toEqual([]);
  });
});
