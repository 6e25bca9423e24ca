import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { execute } from '../../lib/augmentation/execute';
import type { Effect } from '../../lib/augmentation/types';
import type { RgbImage } from '../../lib/contracts';
import { difference } from '../image/pictures';
import { CLOSE, EXACT, effectsOf, moments, type Parameters_, shareBeyond, swapped } from './cases';

const folder = resolve(process.env.VITRINE_TEST_DATA ?? join(__dirname, '../../../shared/data'), 'golden');
const file = join(folder, 'golden.json');
const present = existsSync(file);
const missing = present ? '' : ' (skipped: set VITRINE_TEST_DATA to the test data folder)';
const check = present ? test : test.skip;

interface Golden {
  cases: Record<string, { cases: Record<string, { params: Parameters_ }> }>;
}
const golden: Golden = present ? JSON.parse(readFileSync(file, 'utf8')) : { cases: {} };

const INPUTS = ['product', 'grocery', 'ramp'];
const BLACK = { kind: 'color', color: [0, 0, 0] } as const;

async function read(name: string): Promise<RgbImage> {
  const picture = sharp(join(folder, `${name}.png`))
    .removeAlpha()
    .raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

function readMap(name: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(join(folder, `${name}.f32`))).buffer);
}

function parametersOf(name: string, input: string): Parameters_ {
  const { params } = golden.cases[name].cases[input];
  if (name.startsWith('optical') || !params.map_x) return { ...params, kernel: params.kernel };
  return { map_x: readMap(`${name}__${input}__map_x`), map_y: readMap(`${name}__${input}__map_y`) };
}

describe(`against albumentations 2.0.8${missing}`, () => {
  const names = (cases: object) =>
    Object.keys(cases)
      .filter((name) => !present || golden.cases[name])
      .flatMap((name) => INPUTS.map((input) => [name, input]));

  check.each(names(EXACT))('%s of %s, exactly', async (name, input) => {
    const image = await read(`in_${input}`);
    const found = execute(EXACT[name](parametersOf(name, input), image), image, BLACK).image;
    expect(difference(found.data, (await read(`${name}__${input}`)).data).most).toBe(0);
  });

  check.each(names(CLOSE))('%s of %s, within two levels', async (name, input) => {
    const image = await read(`in_${input}`);
    const found = execute(CLOSE[name](parametersOf(name, input), image), image, BLACK).image;
    const { data } = await read(`${name}__${input}`);
    // Of CLAHE one pixel in ten thousand lies on the border between two colours of 8-bit Lab.
    expect(shareBeyond(found.data, data, 2)).toBeLessThanOrEqual(name === 'clahe' ? 1e-4 : 0);
    expect(difference(found.data, data).mean).toBeLessThan(0.4);
  });

  check.each(INPUTS)('jpeg of %s: what it loses is the same', async (input) => {
    const image = swapped(await read(`in_${input}`));
    const found = swapped(execute(effectsOf('jpeg', { quality: 40 }, image), image, BLACK).image);
    const expected = (await read(`jpeg40__${input}`)).data;
    const lost = difference(expected, swapped(image).data).mean;
    // Whole numbers here and there are rounded otherwise; coefficients at a half then go the other way.
    expect(difference(found.data, expected).mean).toBeLessThan(0.06 * lost);
  });

  check.each(INPUTS)('noise of %s: as strong', async (input) => {
    const image = await read(`in_${input}`);
    const added = ({ data }: RgbImage) => moments(Array.from(data, (value, at) => value - image.data[at]));
    const near = async (name: string, effects: Effect[], within: number) => {
      const [ours, theirs] = [execute(effects, image, BLACK).image, await read(`${name}__${input}`)].map(
        added,
      );
      expect(Math.abs(ours.deviation / theirs.deviation - 1)).toBeLessThan(within);
      expect(Math.abs(ours.mean - theirs.mean)).toBeLessThan(within * theirs.deviation);
    };
    const gauss = { deviation: 0.05, mean: 0, color: 'each', seed: 1 } as const;
    await near('gauss_noise', effectsOf('gauss-noise', gauss, image), 0.03);
    await near('shot_noise', effectsOf('shot-noise', { scale: 0.1, seed: 1 }, image), 0.03);
    await near(
      'iso_noise',
      effectsOf('iso-noise', { intensity: 0.3, color_shift: 0.03, seed: 1 }, image),
      0.12,
    );
  });
});
