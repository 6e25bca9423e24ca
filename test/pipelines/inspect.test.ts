import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, parse, replaceParams } from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { replaceBackground } from '../../lib/pipelines/replace';
import { inspectScene } from '../../lib/pipelines/inspect';
import { type Color, writePackshot } from '../support/pictures';
import { type SceneShape, scenePicture } from '../support/scenes';
import { tempFolder } from '../support/temp';

/** The network that comes with the package looks at scenes: is there a product in the middle already? */
const folder = tempFolder();
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
afterAll(() => resources.dispose());

const context = () => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  tempDir: mkdtempSync(join(folder, 'job-')),
});
const inspect = (file: string) => inspectScene(resources, { file }, context());

async function look(shape: SceneShape) {
  const file = join(folder, 'scene.png');
  writeFileSync(file, await scenePicture(shape));
  return inspect(file);
}

test.each([{}, { lit: 'right' as const, width: 480, height: 640, horizon: 0.4 }])(
  'an empty scene is empty: %j',
  async (shape) => expect(await look(shape)).toMatchObject({ occupied: 0 }),
);

test.each([{}, { width: 480, height: 640 }])('a product in the middle is noticed: %j', async (shape) => {
  const { occupied, width } = await look({ ...shape, product: true });
  expect(occupied).toBeGreaterThan(0.04);
  expect(width).toBe(shape.width ?? 640);
});

/** A drawn studio with a disc on it, of a share of the room that there is. */
async function studio(preset: string, scale: number): Promise<string> {
  const photo = await writePackshot(folder, 'photo.png', { radius: 0.45 });
  const white: Record<'product' | 'ground', Color> = { product: [255, 255, 255], ground: [0, 0, 0] };
  const mask = await writePackshot(folder, 'mask.png', { ...white, radius: 0.45 });
  const asked = { preset, width: 640, height: 480, overrides: { placement: { scale } } };
  const params = parse(replaceParams, asked);
  return (await replaceBackground(resources, { file: photo, mask, params }, context())).artifacts.output;
}

test('a table of marble is no product, what stands on it is', async () => {
  expect((await inspect(await studio('marble', 0.05))).occupied).toBe(0);
  expect((await inspect(await studio('marble', 0.6))).occupied).toBeGreaterThan(0.1);
});

test('what is no picture is refused', async () => {
  const file = join(folder, 'scene.txt');
  writeFileSync(file, 'no picture');
  await expect(inspect(file)).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' });
});
