import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { LogFile } from '../../lib/engine/server/log-sinks';
import { type TestEngine, post, startEngine, waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

describe('a log file', () => {
  let now = 0;
  const later = () => (now += 10_001);
  const told: string[] = [];
  const open = (name: string) =>
    new LogFile(
      join(folder, name),
      'app.log',
      (text) => told.push(text),
      () => now,
    );
  const text = (name: string) => readFileSync(join(folder, name, 'app.log'), 'utf8');
  beforeEach(() => told.splice(0));

  test('whose folder is taken away is made anew', async () => {
    mkdirSync(join(folder, 'gone'));
    const log = open('gone');
    log.write('one\n');
    await waitFor(() => existsSync(join(folder, 'gone', 'app.log')) && text('gone') === 'one\n');
    rmSync(join(folder, 'gone'), { recursive: true });
    later();
    log.write('two\n');
    await log.close();
    expect(text('gone')).toBe('two\n');
    expect(statSync(join(folder, 'gone')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'gone', 'app.log')).mode & 0o777).toBe(0o600);
    expect(told).toEqual([]);
  });

  test('that cannot be opened says so once, and goes on when it can', async () => {
    writeFileSync(join(folder, 'blocked'), '');
    const log = open('blocked');
    for (let tries = 0; tries < 5; tries++) {
      log.write('lost\n');
      await waitFor(() => log.problem !== undefined);
      later();
    }
    expect(told).toEqual([expect.stringMatching(/^app\.log cannot be written \((ENOTDIR|EEXIST)\)/)]);
    rmSync(join(folder, 'blocked'));
    later();
    log.write('found\n');
    await log.close();
    expect(text('blocked')).toBe('found\n');
    expect(log.problem).toBeUndefined();
  });

  test('rotates at 10 MB', async () => {
    mkdirSync(join(folder, 'much'));
    const log = open('much');
    for (let megabytes = 0; megabytes < 11; megabytes++) log.write(`${'x'.repeat(2 ** 20)}\n`);
    await log.close();
    const sizes = readdirSync(join(folder, 'much')).map((file) => statSync(join(folder, 'much', file)).size);
    // The third is a list of the others.
    expect(sizes.filter((size) => size > 1000)).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(11 * 2 ** 20);
  });

  test('whose place a folder has taken', async () => {
    mkdirSync(join(folder, 'taken', 'app.log'), { recursive: true });
    const log = open('taken');
    log.write('lost\n');
    await waitFor(() => log.problem);
    await log.close();
    expect(told).toEqual(['app.log cannot be written (it is no file): what is logged there is lost']);
  });
});

describe('an engine', () => {
  let engine: TestEngine;
  let photo: string;
  beforeAll(async () => (photo = await writePackshot(folder)));
  afterEach(() => engine.stop());

  const cut = async () => (await post(`${engine.url}/background/cleanup`, photo)).status;
  const problems = async () => (await (await fetch(`${engine.url}/health`)).json()).problems as string[];

  test.each([
    ['false', 'prints from INFO up, and keeps everything in app.log, errors in error.log'],
    ['true', 'prints everything with DEBUG=true'],
  ])('DEBUG=%s: %s', async (DEBUG) => {
    const logs = join(folder, `debug-${DEBUG}`);
    engine = await startEngine(folder, { VITRINE_LOG_DIR: logs, DEBUG });
    const socket = connect(Number(new URL(engine.url).port), '127.0.0.1');
    socket.end('no request\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('400');
    const kept = () => readFileSync(join(logs, 'app.log'), 'utf8');
    await waitFor(() => kept().includes('A request could not be read'));
    expect(engine.log().includes('A request could not be read')).toBe(DEBUG === 'true');
    expect(engine.log()).toContain('listening on');
    expect(kept()).toContain('listening on');
    expect(readFileSync(join(logs, 'error.log'), 'utf8')).toBe('');
  });

  test('goes on when nobody reads what it prints any more', async () => {
    engine = await startEngine(folder);
    expect(await problems()).toEqual([]);
    for (const stream of [engine.process.stdout!, engine.process.stderr!]) stream.destroy();
    expect(await cut()).toBe(200);
    await waitFor(async () => (await problems()).length);
    expect(await cut()).toBe(200);
    expect(await problems()).toEqual([expect.stringMatching(/^standard output cannot be written \(EPIPE\)/)]);
    expect(readFileSync(join(folder, 'logs', 'app.log'), 'utf8')).toContain('"outcome":"ok"');
  });

  const full = existsSync('/dev/full');
  (full ? test : test.skip)(
    `goes on when what it prints goes to a full disk${full ? '' : ' (skipped: no /dev/full here)'}`,
    async () => {
      const cwd = join(folder, 'full');
      mkdirSync(cwd);
      const device = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'serve', '--port', '0'], {
        cwd,
        env: { ...process.env, VITRINE_HOME: cwd, VITRINE_TEMP_DIR: cwd, VITRINE_LOG_DIR: cwd },
        stdio: ['ignore', device, device],
      });
      closeSync(device);
      const exited = once(child, 'exit');
      const log = join(cwd, 'app.log');
      const url = await waitFor(
        () => existsSync(log) && /listening on (http:[^;"\s]+)/.exec(readFileSync(log, 'utf8'))?.[1],
      );
      expect((await post(`${url}/background/cleanup`, photo)).status).toBe(200);
      expect((await (await fetch(`${url}/health`)).json()).problems).toEqual([
        expect.stringMatching(/^standard output cannot be written \(ENOSPC\)/),
      ]);
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    },
  );

  test('goes on when a file takes the place of its log folder, and says so once', async () => {
    const logs = join(folder, 'elsewhere');
    engine = await startEngine(folder, { VITRINE_LOG_DIR: logs, DEBUG: 'true' });
    renameSync(logs, `${logs}.old`);
    writeFileSync(logs, '');
    await waitFor(async () => (await cut()) === 200 && (await problems()).length);
    expect(await cut()).toBe(200);
    const said = engine.log().match(/app\.log cannot be written.*/g)!;
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(logs);
    expect((await problems()).join()).not.toContain(logs);
  });

  const mounted = smallDisk();
  (mounted ? test : test.skip)(
    `goes on when the disk of its log is full${mounted ? '' : ' (skipped: no disk can be mounted here)'}`,
    async () => {
      const logs = mounted!;
      try {
        engine = await startEngine(folder, { VITRINE_LOG_DIR: join(logs, 'logs') });
        await fill(join(logs, 'filler'));
        await waitFor(async () => (await cut()) === 200 && (await problems()).length);
        expect(await cut()).toBe(200);
        expect(await problems()).toContainEqual(
          expect.stringMatching(/^app\.log cannot be written \(ENOSPC\)/),
        );
        expect(engine.log().match(/app\.log cannot be written/g)).toHaveLength(1);
        rmSync(join(logs, 'filler'));
        await waitFor(async () => (await cut()) === 200 && (await problems()).length === 0);
      } finally {
        await engine.stop();
        execFileSync('umount', [logs]);
      }
    },
    60_000,
  );
});

/** A disk of 64 KB, where this user may mount one. */
function smallDisk(): string | undefined {
  const place = join(folder, 'disk');
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', place], { stdio: 'ignore' });
    return place;
  } catch {
    return undefined;
  }
}

async function fill(file: string): Promise<void> {
  try {
    for (let size = 1; size < 100; size++) writeFileSync(file, Buffer.alloc(size * 1024));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}
