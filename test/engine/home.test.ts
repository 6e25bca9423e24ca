import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtFile, packVersion } from '../../lib/contracts';
import { engineClient } from '../../lib/engine/client';
import { waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const before = { ...process.env };
let photo: string;

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'));
  process.env.VITRINE_TEMP_DIR = join(folder, 'tmp');
  photo = await writePackshot(folder);
});
afterAll(() => {
  process.env = before;
});

function cut(home: string) {
  process.env.VITRINE_HOME = home;
  const file = { open: () => createReadStream(photo), fileName: 'photo.jpg', mimeType: 'image/jpeg' };
  return engineClient().run('remove', { files: { file }, params: {} });
}

describe('a home that cannot be used is said at once, with its path and what to do', () => {
  const failed = (path: string, reason: RegExp) => ({
    code: 'ENGINE_START_FAILED',
    message: expect.stringMatching(new RegExp(`${path}.*${reason.source}.*user id \\d+`, 's')),
    hint: expect.stringContaining('VITRINE_HOME'),
  });
  let started: number;
  beforeEach(() => (started = Date.now()));
  afterEach(() => expect(Date.now() - started).toBeLessThan(5_000));

  test('a file in its place', async () => {
    const home = join(folder, 'file');
    writeFileSync(home, '');
    await expect(cut(home)).rejects.toMatchObject(failed(home, /EEXIST|ENOTDIR/));
    await expect(cut(join(home, 'below'))).rejects.toMatchObject(failed(home, /ENOTDIR/));
  });

  test('a name that no file system takes', async () => {
    const home = join(folder, 'n'.repeat(300));
    await expect(cut(home)).rejects.toMatchObject(failed(home, /ENAMETOOLONG/));
  });

  test('a link that leads nowhere', async () => {
    const home = join(folder, 'link');
    symlinkSync(join(folder, 'nowhere'), home);
    await expect(cut(home)).rejects.toMatchObject(failed(home, /ENOENT/));
  });

  test('one that others may write to', async () => {
    const home = join(folder, 'shared');
    mkdirSync(home);
    chmodSync(home, 0o777);
    await expect(cut(home)).rejects.toMatchObject({
      ...failed(home, /nobody else may write to it.*mode is 777/),
      hint: expect.stringContaining(`chmod go-w ${home}`),
    });
  });

  const asRoot = process.getuid!() === 0;
  (asRoot ? test : test.skip)(
    `one of another user${asRoot ? '' : ' (skipped: only root can give a folder away)'}`,
    async () => {
      const home = join(folder, 'theirs');
      mkdirSync(home, { mode: 0o700 });
      chownSync(home, 65_534, 65_534);
      await expect(cut(home)).rejects.toMatchObject(failed(home, /user id 65534 owns it/));
    },
  );

  test('a folder where the engine’s words belong', async () => {
    const home = join(folder, 'words');
    mkdirSync(join(home, 'engine-start.log'), { recursive: true, mode: 0o700 });
    await expect(cut(home)).rejects.toMatchObject(failed(`${home}/engine-start.log`, /EISDIR/));
  });
});

describe('a process that sleeps while it starts an engine', () => {
  const home = join(folder, 'home');
  const lock = join(home, `engine-${packVersion}.lock`);
  const state = () => JSON.parse(readFileSync(join(home, `engine-${packVersion}.json`), 'utf8'));

  /** Another n8n process, as far as the engine is concerned. */
  function otherProcess(): { child: ChildProcess; ended: Promise<unknown>; said(): string } {
    const script = `
      const { engineClient } = require(${JSON.stringify(builtFile('lib/engine/client/index.js'))});
      const { createReadStream } = require('node:fs');
      const file = { open: () => createReadStream(${JSON.stringify(photo)}), fileName: 'a.jpg', mimeType: 'image/jpeg' };
      engineClient().run('remove', { files: { file }, params: {} }).then(() => console.log('done'));`;
    const env = { ...process.env, VITRINE_HOME: home };
    const child = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream!.on('data', (text) => (output += text));
    return { child, ended: once(child, 'exit'), said: () => output };
  }

  const engines = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return (
            args.includes('\0--embedded') &&
            readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`VITRINE_HOME=${home}\0`)
          );
        } catch {
          return false; // It ended meanwhile.
        }
      })
      .map(Number);

  test('loses its lock without a fall, and one engine is left', async () => {
    const sleeper = otherProcess();
    await waitFor(() => existsSync(lock) && engines().length);
    const asleep = [sleeper.child.pid!, ...engines()];
    for (const pid of asleep) process.kill(pid, 'SIGSTOP');
    expect(existsSync(join(home, `engine-${packVersion}.json`))).toBe(false);
    utimesSync(lock, 1, 1);

    const other = otherProcess();
    await other.ended;
    expect(other.said()).toBe('done\n');
    const [first] = engines().filter((pid) => !asleep.includes(pid));
    expect(state().pid).toBe(first);
    // Past the time at which the sleeper looks after its lock.
    await sleep(6_000);

    for (const pid of asleep) process.kill(pid, 'SIGCONT');
    await sleeper.ended;
    expect(sleeper.said()).toBe('done\n');
    await waitFor(() => engines().length === 1);
    expect(engines()).toEqual([state().pid]);
    process.kill(state().pid, 'SIGTERM');
    await waitFor(() => engines().length === 0);
    expect(existsSync(lock)).toBe(false);
  }, 60_000);
});
