import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../../lib/contracts';
import { cudaState, findPip, leftoverBytes, removeCuda, type Probed } from '../../../lib/runtime';
import { installCuda, type InstallOptions } from '../../../lib/runtime/cuda/install';
import { waitFor } from '../../support/engine';
import { tempFolder } from '../../support/temp';
import { askedOf, fakePip, fillShelf, setFaults, type Shelf } from './support';

const folder = tempFolder();
const withoutDriver = async (): Promise<Probed> => ({ lost: ['libcuda.so.1'], cuda: 'no driver' });
const RUNTIME = 'vitrine-test-runtime';
const NETWORK = 'vitrine-test-network';

/** Written by a pip that hangs, with its process id. */
const hangs = join(folder, 'hangs');

let shelf: Shelf;
let python: string;
let home: string;
let count = 0;

beforeAll(async () => {
  shelf = await fillShelf(join(folder, 'shelf'));
  python = fakePip(folder, shelf);
});
beforeEach(() => {
  home = join(folder, `home-${++count}`);
  setFaults(folder, '');
  askedOf(folder);
  rmSync(hangs, { force: true });
});

async function install(changes: Partial<InstallOptions> = {}): Promise<string[]> {
  const steps: string[] = [];
  await installCuda({
    home,
    pip: { command: python, args: ['-m', 'pip'], about: 'pip 99.0' },
    signal: new AbortController().signal,
    onDownload: (bytes, total) => steps.push(`${bytes} of ${total}`),
    onStep: (step) => steps.push(step),
    pack: shelf.pack,
    probe: withoutDriver,
    ...changes,
  });
  return steps;
}
const state = () => cudaState(home, shelf.pack);

/** Nothing that could be taken for libraries, but what has come is kept. */
function expectNothingWhole(): void {
  expect(state()).toMatchObject({ state: 'absent' });
  expect(existsSync(join(home, 'cuda'))).toBe(false);
}

test('each wheel is fetched once, and a second run does nothing', async () => {
  const steps = await install();
  const total = shelf.pack.wheels[0].bytes + shelf.pack.wheels[1].bytes;
  expect(steps).toContain(`0 of ${total}`);
  expect(steps).toContain(`${total} of ${total}`);
  expect(steps.slice(-3)).toEqual([
    `Unpacking ${RUNTIME} 1.0 (1 of 2)`,
    `Unpacking ${NETWORK} 1.0 (2 of 2)`,
    'Checking that they load',
  ]);
  expect(state()).toMatchObject({ state: 'ready', onnxruntime: '1.0', folder: join(home, 'cuda') });
  expect(readdirSync(home)).toEqual(['cuda']);
  expect(readdirSync(join(home, 'cuda')).sort()).toEqual(['libone.so.1', 'libtwo.so.9', 'manifest.json']);
  expect(askedOf(folder)).toEqual([RUNTIME, NETWORK]);
  expect(await install()).toEqual([]);
  expect(askedOf(folder)).toEqual([]);
});

test('remove leaves nothing, of whole and of unfinished ones', async () => {
  await install();
  expect(await removeCuda(home)).toBeGreaterThan(0);
  expect(readdirSync(home)).toEqual([]);
  setFaults(folder, `${NETWORK} fail`);
  await expect(install()).rejects.toThrow();
  expect(await removeCuda(home)).toBeGreaterThan(0);
  expect(readdirSync(home)).toEqual([]);
  expect(await removeCuda(home)).toBe(0);
});

test('a pip that fails leaves nothing that is taken for whole, and the next run goes on', async () => {
  setFaults(folder, `${NETWORK} fail`);
  await expect(install()).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/^pip failed \(vitrine-test-network 1\.0\): Could not fetch/),
    hint: expect.stringContaining('what has come is kept'),
  });
  await expect(install()).rejects.not.toThrow(/secret/);
  expectNothingWhole();
  expect(await leftoverBytes(home)).toBe(shelf.pack.wheels[0].bytes);
  setFaults(folder, '');
  askedOf(folder);
  await install();
  expect(askedOf(folder)).toEqual([NETWORK]);
  expect(state().state).toBe('ready');
});

test('an index without the wheel is told of as that', async () => {
  setFaults(folder, `${RUNTIME} unknown`);
  await expect(install()).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('No matching distribution found'),
    hint: expect.stringContaining('PIP_INDEX_URL'),
  });
});

test('a kept wheel that was damaged since is fetched again', async () => {
  setFaults(folder, `${NETWORK} fail`);
  await expect(install()).rejects.toThrow();
  const wheels = join(home, 'cuda.partial', 'wheels', `${RUNTIME}-1.0`);
  const [file] = readdirSync(wheels);
  const bytes = readFileSync(join(wheels, file));
  bytes[100] ^= 1;
  writeFileSync(join(wheels, file), bytes);
  setFaults(folder, '');
  askedOf(folder);
  await install();
  expect(askedOf(folder)).toEqual([RUNTIME, NETWORK]);
});

test('a wheel of another content is refused, whatever pip thinks of it', async () => {
  setFaults(folder, `${NETWORK} other`);
  await expect(install()).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('another content'),
  });
  expectNothingWhole();
});

test('a full disk says so, before where that can be seen and after', async () => {
  const huge = { ...shelf.pack, wheels: shelf.pack.wheels.map((wheel) => ({ ...wheel, unpacked: 1e15 })) };
  await expect(install({ pack: huge })).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/takes 2000000\.2 GB .* and [\d.]+ GB are free/),
    hint: expect.stringContaining('VITRINE_HOME'),
  });
  expect(askedOf(folder)).toEqual([]);
  setFaults(folder, `${NETWORK} full`);
  await expect(install()).rejects.toMatchObject({ code: 'DISK_FULL' });
  expectNothingWhole();
});

test('libraries that do not load are not installed', async () => {
  const probe = async () => ({ lost: ['libtwo.so.9', 'libcuda.so.1'] });
  await expect(install({ probe })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    message: 'Libraries do not load on this system: libtwo.so.9',
  });
  await expect(install({ probe: async () => ({ lost: [], cpu: 'GLIBC_2.28 not found' }) })).rejects.toThrow(
    'onnxruntime 1.0 for CUDA does not run on this system: GLIBC_2.28 not found',
  );
  expectNothingWhole();
});

test('a cancelled run ends its pip', async () => {
  setFaults(folder, `${NETWORK} hang`);
  const controller = new AbortController();
  const run = install({ signal: controller.signal });
  await waitFor(() => existsSync(hangs));
  controller.abort();
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  const pid = Number(readFileSync(hangs, 'utf8'));
  await waitFor(() => !existsSync(`/proc/${pid}`));
  expectNothingWhole();
});

test('two runs at once: one works, the other waits and uses it', async () => {
  const [first, second] = await Promise.all([install(), install()]);
  const waited = 'Waiting for another installation into the same home';
  expect([first.includes(waited), second.includes(waited)].sort()).toEqual([false, true]);
  expect(askedOf(folder)).toEqual([RUNTIME, NETWORK]);
  expect(readdirSync(home)).toEqual(['cuda']);
});

test('another version of the pack, or a library that was changed, is not used until it is installed anew', async () => {
  await install();
  const newer = await fillShelf(join(folder, 'newer'), '1.1');
  expect(cudaState(home, newer.pack)).toMatchObject({
    state: 'outdated',
    onnxruntime: '1.0',
    reason: `this version of Vitrine needs ${RUNTIME} 1.1`,
  });
  truncateSync(join(home, 'cuda', 'libtwo.so.9'), 3);
  expect(state()).toMatchObject({ state: 'damaged', reason: expect.stringContaining('libtwo.so.9') });
  await install();
  expect(state().state).toBe('ready');
  for (const text of ['{', '{}', 'null', '{"onnxruntime":"1.0","cuda":13,"wheels":{},"files":[]}']) {
    writeFileSync(join(home, 'cuda', 'manifest.json'), text);
    expect(state()).toMatchObject({ state: 'damaged', reason: expect.stringContaining('manifest.json') });
  }
});

test('a killed run leaves nothing that is taken for whole, and the next run goes on', async () => {
  setFaults(folder, `${NETWORK} hang`);
  const script = `
    const { installCuda } = require(${JSON.stringify(builtFile('lib/runtime/cuda/install.js'))});
    installCuda({ home: ${JSON.stringify(home)}, pip: { command: ${JSON.stringify(python)}, args: ['-m', 'pip'] },
      signal: new AbortController().signal, onDownload() {}, onStep() {}, pack: ${JSON.stringify(shelf.pack)},
      probe: async () => ({ lost: [] }) });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
  await waitFor(() => existsSync(hangs));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expectNothingWhole();
  process.kill(Number(readFileSync(hangs, 'utf8')), 'SIGKILL');
  setFaults(folder, '');
  askedOf(folder);
  await install();
  expect(askedOf(folder)).toEqual([NETWORK]);
  expect(readdirSync(home)).toEqual(['cuda']);
}, 30_000);

describe('pip', () => {
  test('is looked for by several names, and named with what was tried where there is none', async () => {
    const nowhere = { PATH: folder };
    await expect(findPip(undefined, nowhere)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringMatching(/python3 -m pip: not found; python -m pip: not found; pip3: not found/),
      hint: expect.stringMatching(/VITRINE_PYTHON.*installer of onnxruntime-node.*container/),
    });
    const named = findPip('/no/python', nowhere);
    await expect(named).rejects.toThrow('/no/python -m pip: not found');
    expect(await findPip(python)).toMatchObject({ command: python, args: ['-m', 'pip'] });
  });

  test('itself fetches and unpacks the wheels (skipped without one)', async () => {
    const pip = await findPip().catch(() => undefined);
    if (!pip) return console.warn('No pip of Python is here: its part is not tested');
    const before = { ...process.env };
    Object.assign(process.env, {
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: shelf.folder,
      PIP_REQUIRE_VIRTUALENV: '1',
    });
    try {
      const [first] = shelf.pack.wheels;
      await install({ pip, pack: { ...shelf.pack, wheels: [first] } });
      expect(readFileSync(join(home, 'cuda', 'libone.so.1'), 'utf8')).toBe('one '.repeat(5000));
      const wrong = { ...shelf.pack, wheels: [{ ...first, sha256: '0'.repeat(64) }] };
      await expect(install({ pip, pack: wrong, home: join(folder, 'wrong') })).rejects.toMatchObject({
        code: 'DOWNLOAD_FAILED',
        message: expect.stringMatching(/hash/i),
      });
    } finally {
      process.env = before;
    }
  }, 60_000);
});
