import { join } from 'node:path';
import sharp from 'sharp';
import {
  type Alpha,
  type RemoveParamsInput,
  type RgbImage,
  loadConfig,
  parse,
  removeParams,
} from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { removeBackground } from '../../lib/pipelines/remove';
import { refineMask } from '../../lib/pipelines/mask';
import { disc, matte } from '../matting/mask/mattes';
import { tempFolder } from '../support/temp';

/** A product of 60 pixels' radius with a hole of 12 and a piece of 10 beside it, in haze. */
const alpha = matte(240, 160, (x, y) =>
  Math.max(
    Math.min(disc(x, y, 80, 80, 60, 4), 255 - disc(x, y, 80, 80, 12, 4)),
    disc(x, y, 200, 80, 10, 4),
    x > 228 ? 6 : 0,
  ),
);
const photo: RgbImage = { data: new Uint8Array(240 * 160 * 3).fill(90), width: 240, height: 160 };
const folder = tempFolder();
const signal = new AbortController().signal;

function refined(params: RemoveParamsInput, model = 'isnet', cut: Alpha = alpha) {
  return refineMask(photo, { alpha: cut, model }, parse(removeParams, params), signal);
}
const at = ({ data, width }: Alpha, x: number, y: number) => data[y * width + x];

test('the mask’s parameters reach it, and the box follows', async () => {
  const plain = await refined({});
  expect(plain.bbox).toEqual([18, 18, 194, 124]);
  expect([at(plain.alpha, 80, 80), at(plain.alpha, 200, 80), at(plain.alpha, 235, 10)]).toEqual([0, 255, 0]);

  const one = await refined({ drop_islands: 100, fill_holes: 10 });
  expect(one.bbox).toEqual([18, 18, 124, 124]);
  expect([at(one.alpha, 80, 80), at(one.alpha, 200, 80)]).toEqual([255, 0]);
  expect(one.coverage).toBeCloseTo((Math.PI * 60 ** 2) / (240 * 160), 2);

  expect((await refined({ grow: 5 })).bbox).toEqual([13, 13, 204, 134]);
  const opened = await refined({ smooth: 14 });
  expect([at(opened.alpha, 80, 80), at(opened.alpha, 200, 80)]).toEqual([255, 0]);
});

test('only what networks found is cleaned', async () => {
  for (const model of ['plain', 'none']) expect((await refined({}, model)).alpha.data).toBe(alpha.data);
  expect((await refined({ clean_mask: false })).alpha.data).toBe(alpha.data);
});

test.each([
  ['of haze alone', {}, matte(240, 160, (x) => (x % 3 ? 11 : 0))],
  ['shrunk to nothing', { grow: -50 }, matte(240, 160, (x, y) => disc(x, y, 120, 80, 30))],
  ['empty', {}, matte(240, 160, () => 0)],
])('a mask %s is no product', async (_, params, cut) => {
  await expect(refined(params, 'isnet', cut)).rejects.toMatchObject({ code: 'NO_SUBJECT' });
});

test('the answer’s box and coverage are those of the mask that was written', async () => {
  const file = join(folder, 'cut.png');
  const rgba = Buffer.alloc(240 * 160 * 4, 90);
  alpha.data.forEach((value, i) => (rgba[i * 4 + 3] = at(alpha, 239, 0) === value ? 0 : value));
  await sharp(rgba, { raw: { width: 240, height: 160, channels: 4 } })
    .png()
    .toFile(file);
  const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
  const params = parse(removeParams, { mode: 'mask', drop_islands: 50, grow: -10 });
  const context = { signal, progress: () => undefined, tempDir: folder };
  const { bbox, coverage, artifacts } = await removeBackground(resources, file, params, context);
  await resources.dispose();
  const mask = await sharp(artifacts.output).extractChannel(0).raw().toBuffer();
  expect(bbox).toEqual([28, 28, 104, 104]);
  expect(coverage).toBeCloseTo(mask.reduce((total, value) => total + value, 0) / 255 / mask.length, 3);
});
