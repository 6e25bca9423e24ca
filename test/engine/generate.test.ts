import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { LANES, loadConfig, type GenerateInput, type Progress } from '../../lib/contracts';
import { WorkerPool, Workspace } from '../../lib/engine';
import { SIDE, product, turbo } from '../diffusion/support';
import { waitFor, workersOf } from '../support/engine';
import { tempFolder } from '../support/temp';

/** The worker task that draws scenes, with a tiny network that MODEL_ID names. */
const folder = tempFolder();
const modelsDir = join(folder, 'models');
const config = {
  ...loadConfig({ VITRINE_OFFLINE: 'true', MODEL_ID: 'tiny-sd' }),
  ...{ tempDir: folder, modelsDir, threads: 1 },
};
const workspace = new Workspace(folder);
const scene: GenerateInput = { prompt: 'a mug on a marble table', seed: 5, width: 800, height: 600 };
let pool: WorkerPool;

beforeAll(async () => {
  mkdirSync(modelsDir);
  const slow = turbo({ id: 'slow-sd', steps: { default: 100, most: 100 } });
  writeFileSync(join(modelsDir, 'registry.local.json'), JSON.stringify({ models: [turbo(), slow] }));
  await workspace.prepare();
});
afterEach(() => pool.close());

interface Options {
  signal?: AbortSignal;
  onProgress?(event: Progress): void;
}

/** What the task answers, and the pixels of its file. */
function generate(input: GenerateInput, options: Options = {}) {
  return workspace.withFolder(async (inner) => {
    const result = await pool.run('generate', input, { folder: inner, ...options });
    const pixels = await sharp(result.file).raw().toBuffer({ resolveWithObject: true });
    return { result, pixels };
  });
}

test('a scene is drawn in a lane of its own, the same from one seed, another from another', async () => {
  pool = new WorkerPool(config);
  const { result, pixels } = await generate(scene);
  expect(result).toMatchObject({
    ...{ model: 'tiny-sd', device: 'cpu', seed: 5, steps: 1, guidance_scale: 1, warnings: [] },
    ...{ width: 64, height: 64, metrics: { load_ms: expect.any(Number) } },
  });
  expect(result.scores).toBeUndefined();
  expect(pixels.info).toMatchObject({ width: 64, height: 64, channels: 3 });
  expect(pool.loaded).toEqual([{ model: 'tiny-sd', device: 'cpu' }]);
  const again = await generate(scene);
  expect(again.pixels.data.equals(pixels.data)).toBe(true);
  const other = await generate({ ...scene, seed: 6 });
  expect(other.pixels.data.equals(pixels.data)).toBe(false);
  const random = [
    await generate({ ...scene, seed: undefined }),
    await generate({ ...scene, seed: undefined }),
  ];
  expect(random[0].result.seed).not.toBe(random[1].result.seed);
});

test('progress is told step by step, and a scene is cancelled between two', async () => {
  pool = new WorkerPool(config);
  const messages: (string | undefined)[] = [];
  const controller = new AbortController();
  const drawn = generate(
    { ...scene, model: 'slow-sd' },
    {
      signal: controller.signal,
      onProgress: ({ stage, message }) => {
        messages.push(message);
        if (stage === 'generate') controller.abort();
      },
    },
  );
  await expect(drawn).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(messages.filter(Boolean)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^step \d+ of 100$/)]),
  );
  // The worker was not ended for it: it goes on with the next scene.
  const [worker] = workersOf(process.pid);
  await generate(scene);
  expect(workersOf(process.pid)).toEqual([worker]);
});

test('the lane ends when it is idle', async () => {
  const diffusion = { ...LANES.diffusion, idleSeconds: 1 };
  pool = new WorkerPool(config, {}, { lanes: { ...LANES, diffusion } });
  expect(LANES.diffusion).toMatchObject({ slots: 1, idleSeconds: expect.any(Number) });
  await generate(scene);
  await waitFor(() => workersOf(process.pid).length === 0);
  expect(pool.loaded).toEqual([]);
});

test('around a product several seeds are tried, and the one is kept that grows least', async () => {
  const { image, mask } = product();
  const [file, maskFile] = ['product.png', 'mask.png'].map((name) => join(folder, name));
  const raw = (channels: 1 | 3) => ({ raw: { width: SIDE, height: SIDE, channels } });
  await sharp(image.data, raw(3)).png().toFile(file);
  await sharp(mask.data, raw(1)).png().toFile(maskFile);
  pool = new WorkerPool(config);
  const around = { file, mask: maskFile, tries: 3 };
  const { result } = await generate({ ...scene, seed: 2 ** 32 - 2, around });
  expect(result.scores!.map(({ seed }) => seed)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0]);
  const best = Math.min(...result.scores!.map(({ expansion }) => expansion));
  expect(result.scores).toContainEqual({ seed: result.seed, expansion: best });
  // A mask of another size is another picture's.
  await sharp(mask.data, raw(1)).resize(32, 32).png().toFile(maskFile);
  await expect(generate({ ...scene, around })).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
});

test('an unknown model, and one for another task, are named', async () => {
  pool = new WorkerPool(config);
  await expect(generate({ ...scene, model: 'no-such' })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  await expect(generate({ ...scene, model: 'u2netp' })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER',
    message: expect.stringContaining(
      'for the task diffusion (flux2-klein, sdxl-base, sdxl-turbo, sd-turbo, tiny-sd, slow-sd)',
    ),
  });
});
