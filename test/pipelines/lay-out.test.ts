import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type GeneratedScene,
  type ReplaceParamsInput,
  loadConfig,
  parse,
  replaceParams,
} from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { replaceBackground } from '../../lib/pipelines/replace';
import { planScenes } from '../../lib/pipelines/plan-scenes';
import { writePackshot } from '../support/pictures';
import { scenePicture } from '../support/scenes';
import { tempFolder } from '../support/temp';

/** A product that a scene is drawn around lies where it was drawn around. */
const folder = tempFolder();
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
/** High in the picture, where a floor that begins lower would move it to. */
const high: ReplaceParamsInput = {
  ...{ engine: 'sdxl', prompt: 'a shelf' },
  overrides: { placement: { baseline: 0.5, scale: 0.4 } },
};
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'photo.png');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
});
afterAll(() => resources.dispose());

const context = () => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  tempDir: mkdtempSync(join(folder, 'job-')),
});

function plan(params: ReplaceParamsInput, job = context()) {
  const asked = { file: photo, mask, backdrop: false, params: parse(replaceParams, params) };
  return planScenes(resources, { ...asked, generators: ['sdxl', 'runway'] }, job);
}

/** The picture over a scene whose floor begins at 0.6, of another shape than the frame. */
async function drawn(params: ReplaceParamsInput) {
  const file = join(folder, 'scene.png');
  writeFileSync(file, await scenePicture({ width: 512, height: 512 }));
  const scene: GeneratedScene = {
    ...{ file, engine: 'sdxl', model: 'tiny', seed: 1, cached: false, warnings: [] },
    scores: [{ seed: 1, expansion: 0 }],
  };
  const input = { file: photo, mask, params: parse(replaceParams, params), generated: [scene] };
  const made = await replaceBackground(resources, { ...input, generators: ['sdxl'] }, context());
  return { made, pixels: await sharp(made.artifacts.output).removeAlpha().raw().toBuffer() };
}

/** Where the opaque part of a PNG lies: its left and top, width and height. */
async function opaqueBox(file: string): Promise<number[]> {
  const alpha = sharp(file).extractChannel(3).threshold(1).toColourspace('b-w');
  const { info } = await sharp(await alpha.png().toBuffer())
    .trim({ background: 'black', threshold: 0 })
    .toBuffer({ resolveWithObject: true });
  return [-info.trimOffsetLeft!, -info.trimOffsetTop!, info.width, info.height];
}

test.each<[string, ReplaceParamsInput, number, number]>([
  ['by its preset', {}, 320, 240],
  ['in a frame of another shape', { width: 500, height: 300 }, 500, 300],
  ['as it is', { exact: true, width: 400, height: 400 }, 400, 400],
  ['where it was', { keep_position: true }, 320, 240],
])('%s: the generator is given what the picture will show', async (_, params, width, height) => {
  const asked = { ...high, ...params, draw_around: true, tries: 5 };
  const [request] = await plan(asked);
  expect(request).toMatchObject({ width, height, around: { tries: 5 } });
  expect(request!.prompt).toContain('A single product');
  expect(await sharp(request!.around!.file).metadata()).toMatchObject({ width, height, hasAlpha: true });
  const { made } = await drawn(asked);
  const [{ placed, generated, horizon }] = made.pictures.map((each) => ({
    ...each,
    horizon: each.generated?.horizon,
  }));
  expect(await opaqueBox(request!.around!.file)).toEqual(placed);
  expect(horizon).toBeCloseTo(0.6, 1);
  expect(generated).toMatchObject({ drawn_around: true, scores: [{ seed: 1, expansion: 0 }] });
});

test('an empty scene is asked for without it, and its floor moves the product', async () => {
  const job = context();
  const [request] = await plan(high, job);
  expect(request!.around).toBeUndefined();
  expect(request!.prompt).toContain('Empty scene');
  expect(readdirSync(job.tempDir)).toEqual([]);
  const [apart, around] = [await drawn(high), await drawn({ ...high, draw_around: true })];
  const [foot, fixed] = [apart, around].map(
    ({ made }) => made.pictures[0].placed[1] + made.pictures[0].placed[3],
  );
  expect(fixed).toBe(120);
  expect(foot).toBeGreaterThan(150);
});

test('the scene is fitted to the frame whole: a crop would move it under the product', async () => {
  const wide = { ...high, width: 480, height: 120 };
  const [apart, around] = [await drawn(wide), await drawn({ ...wide, draw_around: true })];
  // The floor begins at 0.6 of the scene: in a frame that shows a strip around its middle, lower.
  const [cropped, whole] = [apart, around].map(({ pixels }) => {
    const rows = Array.from({ length: 120 }, (_, y) => pixels[(y * 480 + 5) * 3 + 2]);
    return rows.findIndex((blue) => blue < 150) / 120;
  });
  expect(whole).toBeCloseTo(0.6, 1);
  expect(cropped).toBeGreaterThan(0.7);
});

test('a service is never given it, and the picture says so', async () => {
  const job = context();
  const [request] = await plan({ engine: 'runway', prompt: 'x', draw_around: true }, job);
  expect(request!.around).toBeUndefined();
  expect(readdirSync(job.tempDir)).toEqual([]);
});
