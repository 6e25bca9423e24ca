import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Device, RgbImage } from '../../lib/contracts';
import { Cutter, type CutOptions } from '../../lib/matting';
import { Networks } from '../../lib/models';
import { nativeRuntime } from '../../lib/runtime/ort';
import { entry, modelsFolder, removeFolders } from '../models/support';
import { fakeRuntime, libraryMissing, nvidia } from '../runtime/support';

const opened: Networks[] = [];

function cutter(
  entries?: unknown[],
  changes: Partial<ConstructorParameters<typeof Networks>[0]> = {},
): Cutter {
  const networks = new Networks({ modelsDir: modelsFolder(entries), threads: 1, ...changes });
  opened.push(networks);
  return new Cutter(networks);
}

function options(model: string, changes: Partial<CutOptions> = {}): CutOptions {
  return { model, device: 'auto', strictDevice: false, signal: new AbortController().signal, ...changes };
}

afterAll(async () => {
  for (const each of opened) await each.dispose();
  removeFolders();
});

const WIDTH = 200;
const HEIGHT = 120;

/** Whether a pixel belongs to the product: a disc left of the middle, so that swapped axes show. */
function inDisc(i: number): boolean {
  return Math.hypot((i % WIDTH) - 70, Math.floor(i / WIDTH) - 60) < 40;
}

/** A disc of one grey on a sheet of another. */
function photo(disc: number, sheet: number): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < data.length; i++) data[i] = inDisc(Math.floor(i / 3)) ? disc : sheet;
  return { data, width: WIDTH, height: HEIGHT };
}

function iou(alpha: Uint8Array): number {
  let both = 0;
  let either = 0;
  alpha.forEach((value, i) => {
    both += Number(value > 127 && inDisc(i));
    either += Number(value > 127 || inDisc(i));
  });
  return both / either;
}

describe('a network', () => {
  test('cuts a photo at its full size', async () => {
    const stages: string[] = [];
    const cut = await cutter([entry('bright')]).cut(
      photo(240, 20),
      options('bright', { onStage: (stage) => stages.push(stage) }),
    );
    expect(cut).toMatchObject({ model: 'bright', device: 'cpu', warnings: [] });
    expect(cut.inferMs).toBeGreaterThan(0);
    expect([cut.alpha.width, cut.alpha.height, cut.alpha.data.length]).toEqual([
      WIDTH,
      HEIGHT,
      WIDTH * HEIGHT,
    ]);
    expect(iou(cut.alpha.data)).toBeGreaterThan(0.97);
    expect(stages).toEqual(['load', 'infer']);
  });

  test('is taken by auto when its rank and licence allow', async () => {
    const ranked = cutter([entry('bright', { rank: 1 })]);
    expect((await ranked.cut(photo(240, 20), options('auto'))).model).toBe('bright');
    const restricted = cutter([entry('bright', { rank: 1, license: 'AGPL-3.0' })]);
    expect((await restricted.cut(photo(240, 20), options('auto'))).model).toBe('u2netp');
  });

  test('added while the cutter lives is there at once', async () => {
    const modelsDir = modelsFolder();
    const made = cutter([], { modelsDir });
    await expect(made.cut(photo(240, 20), options('bright'))).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
    });
    writeFileSync(join(modelsDir, 'registry.local.json'), JSON.stringify({ models: [entry('bright')] }));
    expect((await made.cut(photo(240, 20), options('bright'))).model).toBe('bright');
  });

  test('shares one session among concurrent cuts', async () => {
    const create = jest.fn(nativeRuntime.create);
    const shared = cutter([entry('bright')], { runtime: { ...nativeRuntime, create } });
    const cuts = await Promise.all([1, 2, 3].map(() => shared.cut(photo(240, 20), options('bright'))));
    expect(new Set(cuts.map(({ alpha }) => Buffer.from(alpha.data).toString('base64'))).size).toBe(1);
    expect(create).toHaveBeenCalledTimes(1);
  });

  test('without its file is MODEL_MISSING', async () => {
    const none = { files: [{ sources: ['file:none.onnx'] }] };
    await expect(
      cutter([entry('bright', none)]).cut(photo(240, 20), options('bright')),
    ).rejects.toMatchObject({
      code: 'MODEL_MISSING',
    });
  });

  test('that does not fit its entry is INVALID_MODEL', async () => {
    const wrong = entry('bright', { output: { tensor: 'alpha' } });
    await expect(cutter([wrong]).cut(photo(240, 20), options('bright'))).rejects.toMatchObject({
      code: 'INVALID_MODEL',
    });
  });

  test('never runs on the CPU when the device is strict', async () => {
    const card = () => ({ runtime: fakeRuntime(libraryMissing('cuda')), host: nvidia });
    for (const device of ['cuda', 'auto'] as const) {
      const strict = options('bright', { device, strictDevice: true });
      await expect(cutter([entry('bright')], card()).cut(photo(240, 20), strict)).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
      });
    }
  });

  test('says that it fell back', async () => {
    const device: Device = process.platform === 'darwin' ? 'dml' : 'coreml';
    const cut = await cutter([entry('bright')]).cut(photo(240, 20), options('bright', { device }));
    expect(cut.device).toBe('cpu');
    expect(cut.warnings).toEqual([expect.stringContaining(`device ${device} cannot be used`)]);
  });
});

describe('auto with nothing downloaded', () => {
  test('takes the network that comes with the package, joined with the plain backdrop', async () => {
    const cut = await cutter().cut(photo(40, 235), options('auto'));
    expect(cut).toMatchObject({ model: 'u2netp', device: 'cpu', warnings: [], unsure: false });
    expect(cut.confidence).toBeGreaterThan(0.8);
    expect([cut.alpha.width, cut.alpha.height]).toEqual([WIDTH, HEIGHT]);
    expect(iou(cut.alpha.data)).toBeGreaterThan(0.98);
  });

  test('is unsure where there is nothing to be found, and names a better network', async () => {
    const cut = await cutter().cut(photo(128, 128), options('auto'));
    expect(cut).toMatchObject({ model: 'u2netp', unsure: true });
    expect(cut.confidence).toBeLessThan(0.5);
    expect(cut.doubts).toEqual([
      expect.stringMatching(/^Look at this cutout: .*vitrine models pull birefnet-lite/),
    ]);
  });
});

describe('plain', () => {
  test('runs on the CPU only: a warning, or strictly an error', async () => {
    const made = cutter();
    const loose = await made.cut(photo(40, 235), options('plain', { device: 'cuda' }));
    expect(loose.warnings).toEqual(['The model plain runs on the cpu only; cuda was not used.']);
    await expect(
      made.cut(photo(40, 235), options('plain', { device: 'cuda', strictDevice: true })),
    ).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      hint: expect.stringContaining('cpu'),
    });
    const cpu = await made.cut(photo(40, 235), options('plain', { device: 'cpu', strictDevice: true }));
    expect(cpu.device).toBe('cpu');
  });
});

describe('every cut', () => {
  test('refuses an id that the registry lacks', async () => {
    await expect(cutter().cut(photo(40, 235), options('isnet-of-mine'))).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: expect.stringContaining('auto, plain'),
    });
  });

  test.each(['plain', 'bright'])('%s stops at an aborted signal', async (model) => {
    const signal = AbortSignal.abort();
    await expect(
      cutter([entry('bright')]).cut(photo(240, 20), options(model, { signal })),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('stops between loading and running', async () => {
    const controller = new AbortController();
    const onStage = () => controller.abort();
    const cancelled = options('bright', { signal: controller.signal, onStage });
    await expect(cutter([entry('bright')]).cut(photo(240, 20), cancelled)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
