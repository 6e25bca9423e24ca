import { copyFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig, parse, removeParams, type Device, type Progress } from '../../../lib/contracts';
import { speeds } from '../../../lib/cli/doctor-models';
import { workerConfig } from '../../../lib/engine/workers/settings';
import { Networks } from '../../../lib/models';
import { FAMILIES } from '../../../lib/models/families';
import type { Family } from '../../../lib/models/families/types';
import { Resources } from '../../../lib/pipelines';
import { removeBackground } from '../../../lib/pipelines/remove';
import type { Runtime } from '../../../lib/runtime';
import { nativeRuntime } from '../../../lib/runtime/ort';
import { fakeRuntime, host, linux, nvidia, matteMetadata } from '../../runtime/support';
import { writePackshot } from '../../support/pictures';
import { entry, graph, modelsFolder, removeFolders } from '../support';

const made: Networks[] = [];
let clock = 0;

beforeEach(() => {
  clock = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  for (const each of made) await each.dispose();
  removeFolders();
});

/** Milliseconds that each run of a file on a device takes, the first one first and the last one from then on; or why it fails. */
type Pace = Record<string, number | number[] | string>;

/** A runtime by whose clock runs take as long as said, such as `{ 'half.onnx on cuda': 10 }`. */
function paced(pace: Pace) {
  const fake = fakeRuntime();
  const runs: string[] = [];
  const opened: string[] = [];
  const runtime: Runtime = {
    tensor: fake.tensor,
    async create(file, options, weightFiles) {
      const what = `${basename(file)} on ${String(options.executionProviders![0])}`;
      opened.push(what);
      let done = 0;
      return {
        ...(await fake.create(file, options, weightFiles)),
        ...matteMetadata(64),
        async run() {
          runs.push(what);
          const takes = [pace[what]].flat();
          const now = takes[Math.min(done++, takes.length - 1)];
          if (typeof now === 'string') throw new Error(now);
          clock += now;
          return {
            output: { type: 'float32', data: new Float32Array(64 * 64), dims: [1, 1, 64, 64] } as never,
          };
        },
      };
    },
  };
  return { runtime, runs, opened };
}

const half = { devices: ['cuda'], precision: 'fp16', files: [{ sources: ['file:half.onnx'] }] };
const full = { devices: ['cuda', 'cpu'], files: [{ sources: ['file:full.onnx'] }] };

/** A machine with these files of a network that has float16 for the card, and float32 for both. */
function machine(changes: object = {}, names = ['half.onnx', 'full.onnx']) {
  const modelsDir = modelsFolder([entry('bright', { ...full, variants: [half], ...changes })]);
  for (const name of names) copyFileSync(graph('bright'), join(modelsDir, name));
  return { modelsDir, homeDir: join(modelsDir, 'home'), host: nvidia, threads: 1 };
}

type Options = ConstructorParameters<typeof Networks>[0];

/** What a process that starts now makes of the network: what it takes, and what it opened and ran to find that. */
async function openAnew(options: Options, pace: Pace, device: Device = 'auto', strictDevice = false) {
  const { runtime, runs, opened } = paced(pace);
  const networks = new Networks({ ...options, runtime });
  made.push(networks);
  const stages: string[] = [];
  const open = () =>
    networks.open({
      ...{ id: 'bright', task: 'cutout', device, strictDevice },
      signal: new AbortController().signal,
      onStage: (stage) => stages.push(stage),
    });
  const network = await open();
  const { session } = network.network;
  const taken = `${basename(session.modelFile)} on ${network.device}`;
  return { taken, runs, opened, stages, open, network };
}

const notesOf = ({ homeDir }: Options) =>
  Object.values(JSON.parse(readFileSync(join(homeDir!, 'speeds.json'), 'utf8')) as object);

const FAST = { 'half.onnx on cuda': [900, 20], 'full.onnx on cuda': [900, 10], 'full.onnx on cpu': 400 };
const WEAK = { 'half.onnx on cuda': [900, 700], 'full.onnx on cuda': 600, 'full.onnx on cpu': [400, 300] };

describe('of several ways to run a network', () => {
  test('the fastest is taken, whatever the registry prefers, and what runs first does not count', async () => {
    const here = machine();
    const { taken, stages, network } = await openAnew(here, FAST);
    expect(taken).toBe('full.onnx on cuda');
    expect(network.entry).toMatchObject({ precision: 'fp32', files: full.files });
    expect(stages).toEqual(['measure', 'measure', 'load']);
    expect(notesOf(here)).toEqual([
      expect.objectContaining({ model: 'bright', device: 'cuda', precision: 'fp16', milliseconds: 20 }),
      expect.objectContaining({ model: 'bright', device: 'cuda', precision: 'fp32', milliseconds: 10 }),
    ]);
  });

  test('the preferred one stays where another is hardly faster', async () => {
    const close = { ...FAST, 'half.onnx on cuda': 10.5 };
    expect((await openAnew(machine(), close)).taken).toBe('half.onnx on cuda');
  });

  test('the CPU is taken under auto where the card is slower, and nowhere else', async () => {
    const here = machine();
    const { taken, network } = await openAnew(here, WEAK);
    expect([taken, network.warnings]).toEqual(['full.onnx on cpu', []]);
    expect((await openAnew(here, WEAK, 'cuda')).taken).toBe('full.onnx on cuda');
    expect((await openAnew(here, WEAK, 'auto', true)).taken).toBe('full.onnx on cuda');
  });

  test('the CPU is not tried beside a card that is quick, nor without the memory for it', async () => {
    expect((await openAnew(machine(), FAST)).opened).not.toContain('full.onnx on cpu');
    const large = machine({ cpuMemoryMb: 1e9 });
    const { taken, opened } = await openAnew(large, WEAK);
    expect([taken, opened.includes('full.onnx on cpu')]).toEqual(['full.onnx on cuda', false]);
  });

  test('the CPU runs once where it is far behind, and no way runs often that takes long', async () => {
    const slow = { 'half.onnx on cuda': 3000, 'full.onnx on cuda': 2500, 'full.onnx on cpu': [5100, 1] };
    const { taken, runs } = await openAnew(machine(), slow);
    expect(taken).toBe('full.onnx on cuda');
    const [fp16, fp32, cpu] = Object.keys(slow);
    expect(runs).toEqual([fp16, fp16, fp32, fp32, cpu]);
  });

  test('USE_FP16=false leaves float16 aside, however fast', async () => {
    const fp16 = { ...FAST, 'half.onnx on cuda': 1 };
    const here = { ...machine(), halfPrecision: false };
    const { taken, opened } = await openAnew(here, fp16, 'cuda');
    expect([taken, opened]).toEqual(['full.onnx on cuda', ['full.onnx on cuda']]);
    expect(existsSync(here.homeDir)).toBe(false);
  });
});

describe('what was measured', () => {
  test('is remembered for other processes, and for other requests', async () => {
    const here = machine();
    await openAnew(here, FAST);
    const other = { 'half.onnx on cuda': 1, 'full.onnx on cuda': 2, 'full.onnx on cpu': 3 };
    for (const device of ['auto', 'cuda'] as const) {
      const { taken, opened, stages } = await openAnew(here, other, device);
      expect([taken, opened, stages]).toEqual(['full.onnx on cuda', ['full.onnx on cuda'], ['load']]);
    }
  });

  test('is measured anew for a file that changed, and for other threads on the CPU', async () => {
    const here = machine();
    await openAnew(here, WEAK);
    const threads = await openAnew({ ...here, threads: 2 }, WEAK);
    expect([...new Set(threads.runs)]).toEqual(['full.onnx on cpu']);
    utimesSync(join(here.modelsDir, 'half.onnx'), 1, 1);
    const changed = await openAnew(here, { ...WEAK, 'half.onnx on cuda': 100 });
    expect([changed.taken, ...new Set(changed.runs)]).toEqual(['half.onnx on cuda', 'half.onnx on cuda']);
  });

  test.each([
    ['is damaged', '{ "a": '],
    ['is another program’s', '{ "speeds": [1, 2] }'],
    ['is no object', '7'],
  ])('is measured anew where the file %s', async (_what, text) => {
    const here = machine();
    mkdirSync(here.homeDir);
    writeFileSync(join(here.homeDir, 'speeds.json'), text);
    expect((await openAnew(here, FAST)).taken).toBe('full.onnx on cuda');
    expect(notesOf(here)).toHaveLength(2);
  });

  test.each([
    ['cannot be written', (home: string) => writeFileSync(home, 'no folder')],
    [
      'has a folder in the place of the file',
      (home: string) => mkdirSync(join(home, 'speeds.json'), { recursive: true }),
    ],
  ])('holds for its process where the home %s', async (_what, spoil) => {
    const here = machine();
    spoil(here.homeDir);
    for (let process = 0; process < 2; process++) {
      const { taken, open, runs } = await openAnew(here, FAST);
      expect(taken).toBe('full.onnx on cuda');
      const before = runs.length;
      await open();
      expect([before > 0, runs.length]).toEqual([true, before]);
    }
  });

  test('by several processes and callers at once is whole', async () => {
    const here = machine();
    const both = await Promise.all([openAnew(here, FAST), openAnew(here, FAST)]);
    expect(both.map(({ taken }) => taken)).toEqual(['full.onnx on cuda', 'full.onnx on cuda']);
    expect(notesOf(here)).toHaveLength(2);
    const { runtime, opened } = paced(WEAK);
    const networks = new Networks({ ...machine(), runtime });
    made.push(networks);
    const { signal } = new AbortController();
    const open = () =>
      networks.open({ id: 'bright', task: 'cutout', device: 'auto', strictDevice: false, signal });
    const callers = await Promise.all([1, 2, 3].map(open));
    expect(new Set(callers.map(({ graphs }) => graphs.graph)).size).toBe(1);
    expect(opened).toEqual([...Object.keys(WEAK), 'full.onnx on cpu']);
  });

  test('is what doctor tells, what is taken first', async () => {
    const here = machine();
    const config = {
      ...loadConfig({ VITRINE_HOME: here.homeDir, OMP_NUM_THREADS: '1' }),
      modelsDir: here.modelsDir,
    };
    expect(await speeds(config, nvidia)).toEqual([]);
    await openAnew(here, WEAK);
    expect(await speeds(config, nvidia)).toEqual([
      {
        check: 'speed',
        status: 'ok',
        detail: 'bright: fp32 files on cpu 300 ms (fp16 files on cuda 700 ms, fp32 files on cuda 600 ms)',
      },
    ]);
    expect(await speeds({ ...config, halfPrecision: false, device: 'cuda' }, nvidia)).toEqual([]);
  });
});

describe('nothing is measured', () => {
  test.each([
    ['on the CPU alone', { host: linux }, 'auto'],
    ['where one way is at hand', { host: linux }, 'cpu'],
    ['without a home', { homeDir: undefined }, 'auto'],
  ] as const)('%s', async (_what, changes, device) => {
    const here = machine();
    const { runs, opened } = await openAnew({ ...here, ...changes }, FAST, device);
    expect([runs, opened.length]).toEqual([[], 1]);
    expect(existsSync(here.homeDir)).toBe(false);
  });

  test('of a family that does not tell how to try its networks', async () => {
    const row: Family = FAMILIES.saliency;
    const { trial } = row;
    row.trial = undefined;
    try {
      const { taken, runs } = await openAnew(machine(), FAST);
      expect([taken, runs]).toEqual(['half.onnx on cuda', []]);
    } finally {
      row.trial = trial;
    }
  });

  test('and nothing downloaded for the sake of it: files that are not here are no choice', async () => {
    const here = machine({ devices: ['cuda'] }, ['full.onnx']);
    const { taken, opened } = await openAnew(here, FAST);
    expect([taken, opened]).toEqual(['full.onnx on cuda', ['full.onnx on cuda']]);
  });

  test('where a card lacks its libraries: the network goes to the CPU, and says why', async () => {
    const here = { ...machine(), host: host('linux', 'x64', ['/dev/nvidia0']) };
    const { taken, opened, stages, network } = await openAnew(here, WEAK);
    expect([taken, opened, stages]).toEqual(['full.onnx on cpu', ['full.onnx on cpu'], ['load']]);
    expect(network.warnings).toEqual([expect.stringContaining('CUDA libraries')]);
  });

  test('of a way that fails: the network is opened as ever, and what was measured stays', async () => {
    const here = machine();
    const broken = await openAnew(here, { ...FAST, 'full.onnx on cuda': 'no kernel for it' });
    expect(broken.taken).toBe('half.onnx on cuda');
    expect(notesOf(here)).toMatchObject([{ precision: 'fp16' }]);
    const next = await openAnew(here, FAST);
    expect([next.taken, ...new Set(next.runs)]).toEqual(['full.onnx on cuda', 'full.onnx on cuda']);
  });
});

test('real graphs on the CPU: the smaller one is found, and found again', async () => {
  jest.restoreAllMocks();
  const files = (name: string) => [{ sources: [`file:${graph(name)}`] }];
  const large = {
    devices: ['cpu'],
    files: files('whole-birefnet'),
    input: { size: 1024, mean: [0, 0, 0], std: [1, 1, 1] },
  };
  const modelsDir = modelsFolder([entry('bright', { variants: [large] })]);
  const homeDir = join(modelsDir, 'home');
  const config = { ...loadConfig({ VITRINE_HOME: homeDir, VITRINE_OFFLINE: 'true' }), modelsDir };
  const created: string[] = [];
  const runtime: Runtime = {
    tensor: nativeRuntime.tensor,
    create: (file, ...rest) => {
      created.push(basename(file));
      return nativeRuntime.create(file, ...rest);
    },
  };
  const first = new Resources(workerConfig(config), runtime);
  const stages = new Set<string>();
  const context = {
    signal: new AbortController().signal,
    tempDir: modelsDir,
    progress: ({ stage }: Progress) => stages.add(stage),
  };
  const photo = await writePackshot(modelsDir);
  await removeBackground(first, photo, parse(removeParams, { model: 'bright' }), context);
  expect(created.splice(0)).toEqual(['whole-birefnet.onnx', 'bright.onnx', 'bright.onnx']);
  expect([...stages].slice(0, 3)).toEqual(['decode', 'infer', 'measure']);
  await first.dispose();
  const second = new Resources(workerConfig(config), runtime);
  await second.warmUp('bright');
  expect(created).toEqual(['bright.onnx']);
  await second.dispose();
});
