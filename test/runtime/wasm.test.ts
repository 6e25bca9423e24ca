import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtFile, packageRoot, VitrineError } from '../../lib/contracts';
import { SessionPool, type Runtime } from '../../lib/runtime';
import { portable } from '../../lib/runtime/wasm';
import contracts from '../fixtures/models/contracts.json';
import { entry, graph, modelsFolder, removeFolders } from '../models/support';
import { fakeRuntime, host, linux, nvidia, openGraph } from './support';

const run = promisify(execFile);
const modelFile = graph('logits');

afterAll(removeFolders);

/** An onnxruntime-node whose library does not load. */
const absent: Runtime = {
  create: () => {
    throw new VitrineError({
      code: 'DEVICE_UNAVAILABLE',
      message: 'onnxruntime-node cannot be loaded',
      hint: 'Use glibc.',
    });
  },
  tensor: () => {
    throw new Error('never asked');
  },
};

describe('where onnxruntime-node does not load', () => {
  test('networks run in WebAssembly on the CPU, and the reader is told', async () => {
    const wasm = fakeRuntime();
    const { session, warnings } = await openGraph({
      modelFile,
      device: 'cpu',
      host: host('linux', 'x64'),
      runtime: portable(absent, wasm),
    });
    expect(session.device).toBe('cpu');
    expect(warnings).toEqual([
      'onnxruntime-node cannot be loaded. The network runs in WebAssembly instead, about five times slower. Use glibc.',
    ]);
    await session.run({ x: { type: 'float32', data: new Float32Array(3), dims: [1, 3] } }, ['y']);
    expect(wasm.fetched).toEqual([['y']]);
  });

  test('a pool says so on every call', async () => {
    const pool = new SessionPool({ runtime: portable(absent, fakeRuntime()), host: linux });
    for (let i = 0; i < 2; i++) {
      const { warnings } = await pool.get({
        graphs: async () => ({ graph: { modelFile } }),
        key: modelFile,
        device: 'auto',
      });
      expect(warnings).toEqual([expect.stringContaining('WebAssembly')]);
    }
    await pool.dispose();
  });

  test('a card is never taken for WebAssembly: strict fails, otherwise two warnings', async () => {
    const open = (strictDevice: boolean) => {
      const runtime = portable(absent, fakeRuntime());
      return openGraph({ modelFile, device: 'cuda', strictDevice, host: nvidia, runtime });
    };
    await expect(open(true)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    const { session, warnings } = await open(false);
    expect(session.device).toBe('cpu');
    expect(warnings).toEqual([
      expect.stringContaining('Used cpu instead'),
      expect.stringContaining('WebAssembly'),
    ]);
  });

  test('without onnxruntime-web there is no way, which is said', async () => {
    const none: Runtime = {
      ...absent,
      create: () =>
        Promise.reject(Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })),
    };
    await expect(
      openGraph({ modelFile, device: 'cpu', host: linux, runtime: portable(absent, none) }),
    ).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringContaining('nor can onnxruntime-web'),
    });
  });

  test('a graph that WebAssembly refuses is a wrong graph, not a missing device', async () => {
    const failing = fakeRuntime(() => {
      throw new Error('Failed to load model because protobuf parsing failed.');
    });
    await expect(
      openGraph({ modelFile, device: 'cpu', host: linux, runtime: portable(absent, failing) }),
    ).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});

describe('onnxruntime-web itself, in a process without onnxruntime-node', () => {
  /** Cuts a photo, or a shaded picture, and prints the matte; `hide` makes the native package absent. */
  const script = `
    const Module = require('node:module');
    const [, folder, hide, photo] = process.argv;
    if (hide) {
      const load = Module._load;
      Module._load = function (name, ...rest) {
        if (name === 'onnxruntime-node') throw new Error('Error loading shared library ld-linux-x86-64.so.2');
        return load.call(this, name, ...rest);
      };
    }
    const { Cutter } = require(${JSON.stringify(builtFile('lib/matting/index.js'))});
    const { Networks } = require(${JSON.stringify(builtFile('lib/models/index.js'))});
    const { decodeImage } = require(${JSON.stringify(builtFile('lib/image/index.js'))});
    const { limits } = require(${JSON.stringify(builtFile('lib/contracts/index.js'))}).loadConfig({});
    const data = Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (i * 7 + (i >> 5)) % 256);
    const picture = async () =>
      photo ? (await decodeImage(photo, { limits })).rgb : { data, width: 60, height: 40 };
    const cutter = new Cutter(new Networks({ modelsDir: folder, threads: 2 }));
    const signal = new AbortController().signal;
    picture()
      .then((image) => cutter.cut(image, { model: 'mine', device: 'cpu', strictDevice: false, signal }))
      .then((cut) => console.log(JSON.stringify({ alpha: [...cut.alpha.data], warnings: cut.warnings, device: cut.device })));
  `;

  async function cut(file: string, spec: object, hide: boolean, photo = '') {
    const files = [{ sources: [`file:${file}`] }];
    return cutIn(modelsFolder([entry('logits', { id: 'mine', files, ...spec })]), hide, photo);
  }

  async function cutIn(folder: string, hide: boolean, photo = '') {
    const { stdout } = await run(process.execPath, ['-e', script, folder, hide ? 'hide' : '', photo], {
      cwd: join(__dirname),
      maxBuffer: 1 << 26,
    });
    return JSON.parse(stdout) as { alpha: number[]; warnings: string[]; device: string };
  }

  test('it has the onnxruntime-common that it was built with', () => {
    const read = (file: string) => JSON.parse(readFileSync(join(packageRoot, file), 'utf8'));
    const { dependencies } = read('node_modules/onnxruntime-web/package.json');
    expect(read('package.json').dependencies['onnxruntime-common']).toBe(dependencies['onnxruntime-common']);
  });

  const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  test.each([
    ['birefnet-lite', { input: { size: 16, ...imagenet }, output: { activation: 'sigmoid' } }],
    ['isnet', { input: { size: 16, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }, output: {}, derive: false }],
    ['birefnet-cuda', { input: { size: 16, ...imagenet }, output: {} }],
  ])('%s: the same matte within 0.005', async (id, spec) => {
    const [native, web] = await Promise.all(
      [false, true].map((hide) => cut(graph(`contract-${id}`), spec, hide)),
    );
    expect(native.warnings).toEqual([]);
    expect(web.device).toBe('cpu');
    expect(web.warnings).toEqual([expect.stringMatching(/cannot be loaded.*ld-linux-x86-64.*WebAssembly/)]);
    const worst = Math.max(...native.alpha.map((value, i) => Math.abs(value - web.alpha[i])));
    expect(worst / 255).toBeLessThanOrEqual(0.005);
    expect(new Set(native.alpha).size).toBeGreaterThan(20);
  });

  test('weights in a file beside the graph are found here too', async () => {
    const files = [{ sources: [`file:${graph('beside')}`] }, { sources: [`file:${graph('beside')}.data`] }];
    const spec = {
      input: { size: 64, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] },
      output: { activation: 'sigmoid' },
    };
    const folder = modelsFolder([entry('bright', { id: 'mine', files, ...spec })]);
    const [native, web] = await Promise.all([false, true].map((hide) => cutIn(folder, hide)));
    const worst = Math.max(...native.alpha.map((value, i) => Math.abs(value - web.alpha[i])));
    expect(worst / 255).toBeLessThanOrEqual(0.005);
    expect(new Set(native.alpha).size).toBeGreaterThan(20);
  });

  const isnet = process.env.VITRINE_TEST_ISNET ?? '';
  const note = existsSync(isnet) ? '' : ' (skipped: VITRINE_TEST_ISNET names no file)';
  (note ? test.skip : test)(
    `ISNet itself on a photo: the same matte within 0.005${note}`,
    async () => {
      const { input, output } = contracts.isnet;
      const spec = { derive: true, input: { ...input, size: 1024 }, output };
      const photo = join(packageRoot, 'examples', 'packshots', 'toy-car.jpg');
      const native = await cut(isnet, spec, false, photo);
      const web = await cut(isnet, spec, true, photo);
      expect(web.warnings).toEqual([expect.stringContaining('WebAssembly')]);
      expect(web.alpha).toHaveLength(native.alpha.length);
      const differences = native.alpha.map((value, i) => Math.abs(value - web.alpha[i]) / 255);
      expect(differences.reduce((sum, each) => sum + each) / differences.length).toBeLessThanOrEqual(0.005);
      const covered = native.alpha.filter((value) => value > 127).length / native.alpha.length;
      expect(covered).toBeGreaterThan(0.05);
      expect(covered).toBeLessThan(0.95);
    },
    300_000,
  );
});
