import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { VitrineError } from '../../lib/contracts';
import { engineEnvironment } from '../../lib/engine/client/environment';
import { JobRecords } from '../../lib/engine/server/job-records';
import { TokenBucket } from '../../lib/engine/server/limiter';
import { Outputs } from '../../lib/engine/server/outputs';
import { Workspace } from '../../lib/engine/workspace';
import { waitFor } from '../support/engine';
import { tempFolder } from '../support/temp';

describe('token bucket', () => {
  test('lets a minute’s worth through, then says when the next may come', () => {
    let now = 0;
    const bucket = new TokenBucket(10, () => now);
    for (let i = 0; i < 10; i++) bucket.take();
    expect(() => bucket.take()).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', status: 429, retryAfter: 6 }),
    );
    now += 6_000;
    bucket.take();
    expect(() => bucket.take()).toThrow('More than 10 requests a minute');
  });

  test('0 means no limit', () => {
    const bucket = new TokenBucket(0);
    for (let i = 0; i < 1000; i++) bucket.take();
  });
});

describe('outputs', () => {
  const folder = tempFolder();
  const outputs = new Outputs(join(folder, 'out'), 24);

  test('keeps a file under an unguessable name and gives it back', async () => {
    await outputs.prepare();
    writeFileSync(join(folder, 'output.png'), 'pixels');
    const file = join(folder, 'output.png');
    const [name] = await outputs.keep([{ file, prefix: 'cleanup' }], new AbortController().signal);
    expect(name).toMatch(/^cleanup_[A-Za-z0-9_-]{22}\.png$/);
    const { stream, size, mimeType } = await outputs.open(name);
    expect({ size, mimeType }).toEqual({ size: 6, mimeType: 'image/png' });
    for await (const chunk of stream) expect(String(chunk)).toBe('pixels');
    await outputs.remove(name);
    await expect(outputs.open(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(outputs.remove(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('makes its folder anew when a cleaner took it away', async () => {
    rmSync(join(folder, 'out'), { recursive: true });
    const file = join(folder, 'output.png');
    writeFileSync(file, '');
    const [name] = await outputs.keep([{ file, prefix: 'cleanup' }], new AbortController().signal);
    await outputs.remove(name);
    rmSync(join(folder, 'out'), { recursive: true });
    await outputs.sweep();
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  test('keeps all files of a job or none, and none for a caller who goes away', async () => {
    const made = (['front_rmbg', 'back_rmbg'] as const).map((suffix) => {
      const file = join(folder, `${suffix}.png`);
      writeFileSync(file, '');
      return { file, prefix: 'design', label: '7', suffix };
    });
    const hangUp = new AbortController();
    const names = await outputs.keep(made, hangUp.signal);
    expect(names[0]).toMatch(/^design_7_[A-Za-z0-9_-]{22}_front_rmbg\.png$/);
    (await outputs.open(names[0])).stream.destroy();
    hangUp.abort();
    await waitFor(() => !readdirSync(join(folder, 'out')).some((name) => names.includes(name)));

    writeFileSync(made[0].file, '');
    const { signal } = new AbortController();
    await expect(outputs.keep(made, signal)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  test.each(['../secret', '..%2fsecret', '/etc/passwd', 'cleanup_short.png', '.', ''])(
    '%j is not found',
    async (name) => {
      await expect(outputs.open(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  test('sweeps what is too old, and nothing that is not ours', async () => {
    const old = `cleanup_${'a'.repeat(22)}.png`;
    const young = `cleanup_${'b'.repeat(22)}.png`;
    for (const name of [old, young, 'notes.txt']) writeFileSync(join(folder, 'out', name), '');
    const past = Date.now() / 1000 - 25 * 3600;
    for (const name of [old, 'notes.txt']) utimesSync(join(folder, 'out', name), past, past);
    await outputs.sweep();
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([young, 'notes.txt'].sort());
  });
});

describe('workspace', () => {
  const folder = tempFolder();

  test('removes a job’s folder also when the job throws', async () => {
    const workspace = new Workspace(folder);
    await workspace.prepare();
    const work = workspace.withFolder(async (inner) => {
      writeFileSync(join(inner, 'half'), '');
      throw new Error('broken');
    });
    await expect(work).rejects.toThrow('broken');
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('job-'))).toEqual(
      [],
    );
    await workspace.dispose();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('removes what a killed process left behind, and nothing of a living one or of others', async () => {
    const named = (pid: number | string, end = 'aB3dE6') => `vitrine-jobs-${pid}-${end}`;
    const kept = [named(process.ppid), 'vitrine-jobs-999999999', named(999999999, 'x'), 'notes'];
    const gone = [named(999999999), named(process.pid)];
    for (const name of [...kept, ...gone]) mkdirSync(join(folder, name, 'job-x'), { recursive: true });
    const elsewhere = join(folder, 'notes');
    symlinkSync(elsewhere, join(folder, named(999999998)));
    const workspace = new Workspace(folder);
    const beside = new Workspace(folder);
    await beside.prepare();
    await workspace.prepare();
    const left = readdirSync(folder);
    for (const name of [...kept, named(999999998)]) expect(left).toContain(name);
    for (const name of gone) expect(left).not.toContain(name);
    expect(readdirSync(elsewhere)).toEqual(['job-x']);
    await beside.withFolder(async (inner) => expect(existsSync(inner)).toBe(true));
    await Promise.all([workspace.dispose(), beside.dispose()]);
    expect(readdirSync(folder).filter((name) => name.startsWith(`vitrine-jobs-${process.pid}-`))).toEqual([]);
  });

  test('its names cannot be foreseen, and nobody else can look in', async () => {
    const workspaces = [new Workspace(folder), new Workspace(folder)];
    const before = readdirSync(folder);
    for (const workspace of workspaces) await workspace.prepare();
    const made = readdirSync(folder).filter((name) => !before.includes(name));
    expect(new Set(made.map((name) => name.slice(-6))).size).toBe(2);
    for (const name of made) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
    for (const workspace of workspaces) await workspace.dispose();
  });

  test('is made anew when a cleaner took it away', async () => {
    const tempDir = join(folder, 'cleaned');
    const workspace = new Workspace(tempDir);
    await workspace.prepare();
    rmSync(tempDir, { recursive: true });
    const made = await workspace.withFolder(async (inner) => {
      writeFileSync(join(inner, 'x'), '');
      return inner;
    });
    expect(made.startsWith(tempDir)).toBe(true);
    await workspace.dispose();
    expect(readdirSync(tempDir)).toEqual([]);
  });

  test('says which setting to correct where no folder can be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(new Workspace(join(folder, 'file', 'temp')).prepare()).rejects.toMatchObject({
      code: 'FILE_ERROR',
      message: expect.stringMatching(/VITRINE_TEMP_DIR.*user id.*ENOTDIR/),
      hint: expect.stringContaining('VITRINE_TEMP_DIR'),
    });
  });
});

test('the engine inherits nothing of n8n’s secrets', () => {
  const env = engineEnvironment({
    PATH: '/bin',
    HOME: '/home/x',
    CUDA_VISIBLE_DEVICES: '0',
    GEMINI_API_KEY: 'g',
    VITRINE_HOME: '/v',
    VITRINE_TOKEN: 'for a public engine',
    N8N_ENCRYPTION_KEY: 'k',
    DB_POSTGRESDB_PASSWORD: 'p',
    QUEUE_BULL_REDIS_PASSWORD: 'r',
    AWS_SECRET_ACCESS_KEY: 'a',
    PORT: '1',
    OUTPUT_DIR: '/o',
    NODE_OPTIONS: '--inspect',
  });
  expect(Object.entries(env).filter(([, value]) => value !== undefined)).toEqual([
    ['PATH', '/bin'],
    ['HOME', '/home/x'],
    ['CUDA_VISIBLE_DEVICES', '0'],
    ['GEMINI_API_KEY', 'g'],
    ['VITRINE_HOME', '/v'],
    ['VITRINE_DATA_ROOTS', '~/.n8n-files'],
  ]);
});

test.each([
  [{}, '~/.n8n-files'],
  [{ N8N_RESTRICT_FILE_ACCESS_TO: '/a; files;~/b' }, `/a;${resolve('files')};~/b`],
  [{ N8N_RESTRICT_FILE_ACCESS_TO: '' }, ''],
  [{ N8N_RESTRICT_FILE_ACCESS_TO: '/a', VITRINE_DATA_ROOTS: '/c' }, '/c'],
  [{ N8N_RESTRICT_FILE_ACCESS_TO: '/a', VITRINE_DATA_ROOTS: '' }, ''],
])('the engine may read files where n8n may, unless told otherwise: %j', (env, roots) => {
  expect(engineEnvironment(env).VITRINE_DATA_ROOTS).toBe(roots);
});

describe('records of jobs', () => {
  const error = VitrineError.from(new Error('x'));

  test('are kept as long as files, and no longer', () => {
    const records = new JobRecords(24);
    const [done, going] = [records.open('replace', {}), records.open('replace', {})];
    done.finish({ error });
    const day = 24 * 3_600_000;
    records.sweep(Date.now() + day - 1000);
    expect(records.find(done.jobId)).toBe(done);
    records.sweep(Date.now() + day + 1000);
    expect(() => records.find(done.jobId)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', status: 404 }),
    );
    expect(records.find(going.jobId)).toBe(going);
  });

  test('have bounds: the oldest that ended goes first, one that goes on or owes a callback never', () => {
    const records = new JobRecords(24, 3);
    const all = Array.from({ length: 6 }, () => records.open('replace', {}));
    all.slice(1).forEach((record) => record.finish({ error }));
    all[1].tell({ state: 'waiting', attempts: 1 });
    records.sweep();
    const known = all.map(({ jobId }) => {
      try {
        return records.find(jobId) !== undefined;
      } catch {
        return false;
      }
    });
    expect(known).toEqual([true, true, false, true, true, true]);
  });
});
