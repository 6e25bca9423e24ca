import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type ReplaceParamsInput,
  type ReplaceResult,
  loadConfig,
  parse,
  replaceParams,
} from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { replaceBackground } from '../../lib/pipelines/replace';
import { packshot, pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const [width, height] = [320, 240];
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'photo.png');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
});
afterAll(() => resources.dispose());

interface Files {
  file?: string;
  mask?: string;
  backdrop?: string;
}

const context = () => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  tempDir: mkdtempSync(join(folder, 'job-')),
});
const replace = (
  params: ReplaceParamsInput = {},
  files: Files = {},
  from: Resources = resources,
): Promise<ReplaceResult> =>
  replaceBackground(from, { file: photo, mask, ...files, params: parse(replaceParams, params) }, context());
const pixels = (file: string) => sharp(file).raw().toBuffer();

test('the product stands in a studio, and the result says how', async () => {
  const result = await replace();
  expect(result).toMatchObject({
    engine: 'studio',
    preset: 'product-studio',
    model: 'mask',
    device: 'cpu',
    seed: 0,
    bbox: [88, 48, 144, 144],
    unsure: false,
    warnings: [],
    ...{ width, height, format: 'png' },
    metrics: { elapsed_ms: expect.any(Number), compose_ms: expect.any(Number) },
  });
  const [{ placed, artifact }] = result.pictures;
  expect(artifact).toBe('output');
  const [red, green] = await pixelAt(result.artifacts.output, (placed[0] + placed[2] / 2) / width, 0.5);
  expect(red - green).toBeGreaterThan(100);
  const [corner] = await pixelAt(result.artifacts.output, 0.02, 0.02);
  expect(corner).toBeGreaterThan(230);
});

test('the product is cut out where no mask came', async () => {
  const { model, pictures } = await replace({}, { mask: undefined });
  expect(model).not.toBe('mask');
  expect(pictures).toHaveLength(1);
});

describe('exact', () => {
  const looks: [string, ReplaceParamsInput, boolean][] = [
    ['marble', { preset: 'marble' }, false],
    ['podium', { preset: 'podium', width: 400, height: 400 }, false],
    ['a gradient', { engine: 'gradient' }, false],
    ['a colour', { bgcolor: '#123456' }, false],
    ['a picture', {}, true],
    ['where it was', { preset: 'wood', keep_position: true }, false],
  ];
  test.each(looks)(
    '%s: every opaque pixel is the photo’s, and the file proves it',
    async (_, params, picture) => {
      const result = await replace({ ...params, exact: true }, picture ? { backdrop: photo } : {});
      const [{ exact, placed, scale, color_shift }] = result.pictures;
      expect({ scale, color_shift, format: result.format }).toEqual({
        scale: 1,
        color_shift: 0,
        format: 'png',
      });
      const before = await pixels(photo);
      const after = await pixels(result.artifacts.output);
      const cover = await sharp(mask).extractChannel(0).raw().toBuffer();
      const [dx, dy] = [placed[0] - result.bbox[0], placed[1] - result.bbox[1]];
      const hash = createHash('sha256');
      let [opaque, changed] = [0, 0];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (cover[y * width + x] !== 255) continue;
          const from = (y * width + x) * 3;
          const to = ((y + dy) * result.width + x + dx) * 3;
          if (!after.subarray(to, to + 3).equals(before.subarray(from, from + 3))) changed++;
          hash.update(before.subarray(from, from + 3));
          opaque++;
        }
      }
      expect(changed).toBe(0);
      const sha256 = hash.digest('hex');
      expect(exact).toEqual({ pixels: opaque, source_sha256: sha256, output_sha256: sha256 });
    },
  );

  test('a lossy format is refused', async () => {
    await expect(replace({ exact: true, format: 'jpeg' })).rejects.toThrow('png with exact');
  });

  test('a product that is larger than the frame is refused', async () => {
    await expect(replace({ exact: true, width: 100, height: 100 })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringContaining('144 x 144'),
    });
  });
});

test('shadows fall away from the lamp and touch the product', async () => {
  /** How much darker than without a shadow it is beside the product's foot, and right under it. */
  const drops = async (azimuth: number) => {
    const draw = (light: object) =>
      replace({ preset: 'minimalist', overrides: { light: { azimuth, ...light } } });
    const [shaded, bare] = [await draw({}), await draw({ shadow: 0, contact: 0 })];
    const [left, top, across, down] = shaded.pictures[0].placed;
    const red = async ({ artifacts }: ReplaceResult, x: number, y: number) =>
      (await pixelAt(artifacts.output, (left + x * across) / width, (top + y * down + 1) / height))[0];
    const drop = async (x: number, y: number) => (await red(bare, x, y)) - (await red(shaded, x, y));
    return { left: await drop(-0.02, 0.86), right: await drop(1.02, 0.86), under: await drop(0.5, 1) };
  };
  const fromLeft = await drops(-60);
  expect(fromLeft.right).toBeGreaterThan(fromLeft.left + 4);
  expect(fromLeft.under).toBeGreaterThan(40);
  const fromRight = await drops(60);
  expect(fromRight.left).toBeGreaterThan(fromRight.right + 4);
});

test('a flat colour is that colour to the corners, with no shadow unless it is asked for', async () => {
  const { artifacts, engine, preset } = await replace({ bgcolor: '#f4f1ec' });
  expect({ engine, preset }).toEqual({ engine: 'color', preset: null });
  for (const [x, y] of [
    [0, 0],
    [0.99, 0.99],
    [0.5, 0.99],
    [0.02, 0.5],
  ]) {
    expect((await pixelAt(artifacts.output, x, y)).slice(0, 3)).toEqual([0xf4, 0xf1, 0xec]);
  }
});

test.each(['product-studio', 'wood', 'festive', 'podium'])(
  'colour match on %s moves the product by a CIEDE2000 of 6 on average at most, and says by how much',
  async (preset) => {
    const matched = (await replace({ preset, enhance_fg: false })).pictures[0].color_shift;
    const plain = (await replace({ preset, enhance_fg: false, match_colors: false })).pictures[0].color_shift;
    expect(plain).toBe(0);
    expect(matched).toBeLessThanOrEqual(6);
    expect((await replace({ preset })).pictures[0].color_shift).toBeLessThanOrEqual(6);
  },
);

test('local contrast does not take a product far from its colours, however flat its photo is', async () => {
  const flat = join(folder, 'flat.png');
  const { data } = packshot({ product: [96, 104, 112] });
  for (let at = 0; at < data.length; at++)
    if (data[at] < 200) data[at] += ((at * 7) % 23) + ((at / 960) % 40);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(flat);
  const shift = async (params: ReplaceParamsInput) =>
    (await replace(params, { file: flat })).pictures[0].color_shift;
  const enhanced = await shift({ match_colors: false });
  expect(enhanced).toBeGreaterThan(1);
  expect(enhanced).toBeLessThan(4.3);
  expect(await shift({ preset: 'festive' })).toBeLessThanOrEqual(6);
});

test('a warm scene warms the product', async () => {
  const inside = async (params: ReplaceParamsInput) => {
    const { artifacts } = await replace({ enhance_fg: false, bgcolor: '#ffb060', ...params });
    return pixelAt(artifacts.output, 0.5, 0.5);
  };
  const [red, , blue] = await inside({});
  const [plainRed, , plainBlue] = await inside({ match_colors: false });
  expect(red / blue).toBeGreaterThan(plainRed / plainBlue);
});

describe('marketplace-white', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('as %s it is 255 when it is decoded again', async (format) => {
    const { artifacts, pictures } = await replace({ preset: 'marketplace-white', format });
    expect(pictures[0]).toMatchObject({ white: { border: true, share: 1 }, width: 2000, height: 2000 });
    const { data, info } = await sharp(artifacts.output).raw().toBuffer({ resolveWithObject: true });
    expect(data.subarray(0, info.width * 3).every((level) => level === 255)).toBe(true);
  });

  test('the product fills 85 % of the frame', async () => {
    const [{ fill, placed }] = (await replace({ preset: 'marketplace-white' })).pictures;
    expect(fill!.side).toBeCloseTo(0.85, 2);
    expect(placed[2]).toBe(1700);
    expect(placed[1] + placed[3] / 2).toBeCloseTo(1000, 0);
  });

  test('a marketplace brings its own frame and formats', async () => {
    const result = await replace({ marketplace: 'zalando' });
    expect(result).toMatchObject({ preset: 'marketplace-white', format: 'jpeg', width: 1801, height: 2600 });
  });

  test('its size is for all pictures of a listing, white and fill for the main one', async () => {
    const { pictures, warnings } = await replace({
      preset: 'marketplace-white,marble,shadow-only',
      marketplace: 'ebay',
    });
    for (const { width, height } of pictures) expect([width, height]).toEqual([1600, 1600]);
    const [main, ...others] = pictures;
    expect(main).toMatchObject({ white: { border: true }, fill: { side: expect.closeTo(0.85, 2) } });
    for (const { fill, white, placed } of others) {
      expect([fill, white]).toEqual([undefined, undefined]);
      // On its preset's own baseline, not in the middle.
      expect(placed[1] + placed[3]).toBe(0.84 * 1600);
    }
    expect(warnings.join(' ')).not.toContain('main picture');
  });

  test('what misses its rules is told', async () => {
    const { warnings } = await replace({ marketplace: 'amazon', preset: 'wood', width: 400, height: 400 });
    expect(warnings.join(' ')).toMatch(/Amazon asks for a pure white main picture/);
    expect(warnings.join(' ')).toMatch(/Amazon asks for 1000 pixels a side, and this picture has 400/);
  });
});

test('several presets make several pictures from one cut, in their order', async () => {
  const names = ['concrete', 'linen', 'minimalist'];
  const { pictures, artifacts, preset } = await replace({ preset: names.join(', ') }, { mask: undefined });
  expect(preset).toBe('concrete');
  expect(pictures.map(({ preset, artifact }) => [preset, artifact])).toEqual([
    ['concrete', 'output'],
    ['linen', 'output_2'],
    ['minimalist', 'output_3'],
  ]);
  expect(Object.keys(artifacts)).toEqual(['output', 'output_2', 'output_3']);
  for (const file of Object.values(artifacts)) expect(existsSync(file!)).toBe(true);
});

test('overrides win over the preset', async () => {
  const overrides = { backdrop: 'color', colors: ['#00ff00'], light: { shadow: 0, contact: 0 } };
  const { artifacts, engine } = await replace({ preset: 'marble', overrides: JSON.stringify(overrides) });
  expect(engine).toBe('color');
  expect((await pixelAt(artifacts.output, 0.01, 0.01)).slice(0, 3)).toEqual([0, 255, 0]);
});

test('the seed’s workflow example: a prompt among the overrides of a preset that is drawn is told to have no effect', async () => {
  const overrides = { prompt: 'clean white background, professional lighting' };
  const { engine, warnings } = await replace({ preset: 'product-studio', overrides });
  expect(engine).toBe('studio');
  expect(warnings).toEqual([expect.stringContaining('The prompt had no effect')]);
});

test('a preset that needs a generator shows its colours, and says so', async () => {
  const { engine, warnings } = await replace({ preset: 'kitchen' });
  expect(engine).toBe('gradient');
  expect(warnings).toEqual([expect.stringContaining('kitchen needs a generator')]);
  const own = await replace({ preset: 'kitchen' }, { backdrop: photo });
  expect(own).toMatchObject({ engine: 'image', preset: 'kitchen', warnings: [] });
});

describe('a prompt without a generator', () => {
  test.each([{ prompt: 'a sunny kitchen' }, { engine: 'sdxl' as const }, { prompt: 'x', preset: 'wood' }])(
    '%j is refused with the ways out',
    async (params) => {
      await expect(replace(params)).rejects.toMatchObject({
        code: 'NO_GENERATOR',
        status: 503,
        hint: expect.stringMatching(/product-studio.*studio.*backdrop/),
      });
    },
  );

  test('above 4096 pixels it is refused for that, unless ALLOW_4K says otherwise', async () => {
    const large = { prompt: 'x', width: 4097, height: 100 };
    await expect(replace(large)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      hint: expect.stringContaining('ALLOW_4K=1'),
    });
    const config = { ...loadConfig({ ALLOW_4K: '1', VITRINE_OFFLINE: 'true' }), modelsDir: folder };
    const allowed = new Resources(config);
    await expect(replace(large, {}, allowed)).rejects.toMatchObject({ code: 'NO_GENERATOR' });
    await allowed.dispose();
  });

  test('a drawn backdrop that was asked for by name is drawn all the same, and says so', async () => {
    const { engine, warnings } = await replace({ prompt: 'a kitchen', engine: 'studio' });
    expect(engine).toBe('studio');
    expect(warnings).toEqual([expect.stringContaining('The prompt had no effect')]);
  });
});

describe('bad input', () => {
  test('an unknown preset names the nearest', () =>
    expect(replace({ preset: 'podum' })).rejects.toMatchObject({ hint: expect.stringContaining('podium') }));

  test('a mask of another size', async () => {
    const other = await writePackshot(folder, 'other.png', { width: 100, height: 90 });
    await expect(replace({}, { mask: other })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringMatching(/320 x 240.*100 x 90/),
    });
  });

  test('an empty mask', async () => {
    const empty = await writePackshot(folder, 'empty.png', { product: [0, 0, 0], ground: [0, 0, 0] });
    await expect(replace({}, { mask: empty })).rejects.toMatchObject({
      code: 'NO_SUBJECT',
      message: expect.stringContaining('mask that came with this picture is empty'),
    });
  });

  test('the engine image without a picture', () =>
    expect(replace({ engine: 'image' })).rejects.toThrow('Expected backdrop to be a picture'));

  test('a size together with keep_position', () =>
    expect(replace({ keep_position: true, width: 100 })).rejects.toThrow('left out with keep_position'));

  test('a frame above the megapixels that are allowed', () =>
    expect(replace({ width: 16_000, height: 16_000 })).rejects.toThrow('64 megapixels'));

  test('nothing half-written stays', async () => {
    const job = context();
    const params = parse(replaceParams, { exact: true, width: 100, height: 100 });
    await expect(replaceBackground(resources, { file: photo, mask, params }, job)).rejects.toThrow();
    expect(readdirSync(job.tempDir)).toEqual([]);
  });
});

test('a cutout that brings its own shadow gets no second one', async () => {
  const file = join(folder, 'shadowed.png');
  const { data } = packshot();
  const rgba = Buffer.alloc(width * height * 4);
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const product = Math.hypot(x - 160, y - 120) < 72;
      const shadow = Math.hypot((x - 190) / 90, (y - 190) / 16) < 1;
      if (product) rgba.set([data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2], 255], pixel * 4);
      else if (shadow) rgba.set([0, 0, 0, 70], pixel * 4);
    }
  }
  await sharp(rgba, { raw: { width, height, channels: 4 } }).toFile(file);
  const { warnings } = await replace({ preset: 'minimalist' }, { file, mask: undefined });
  expect(warnings.join(' ')).toContain('brings a shadow of its own');
  const plain = await replace({ preset: 'minimalist' });
  expect(plain.warnings).toEqual([]);
});

test('the mask, and before and after side by side, come with it where they are asked for', async () => {
  const { artifacts, pictures } = await replace({ mask_out: true, compare: true, preset: 'wood' });
  expect(pictures[0].compare).toBe('compare');
  expect(await sharp(artifacts.mask).metadata()).toMatchObject({ width, height, channels: 1 });
  const side = await sharp(artifacts.compare).metadata();
  expect([side.width, side.height]).toEqual([2 * width + 5, height]);
});

test('a product that the photo cuts off, or that is enlarged much, is told of', async () => {
  const [file, its] = await Promise.all([
    writePackshot(folder, 'large.png', { radius: 0.6 }),
    writePackshot(folder, 'large-mask.png', { radius: 0.6, product: [255, 255, 255], ground: [0, 0, 0] }),
  ]);
  const cut = await replace({}, { file, mask: its });
  expect(cut.warnings.join(' ')).toMatch(/cuts the product off: top, bottom/);
  const soft = await replace({ width: 1200, height: 900 });
  expect(soft.warnings.join(' ')).toMatch(/enlarged 4\.\d times/);
});

test('a picture that is asked for in a size of its own, and one that is not', async () => {
  expect(await replace({ width: 400, height: 500 })).toMatchObject({ width: 400, height: 500 });
  expect(await replace({ width: 640 })).toMatchObject({ width: 640, height: 480 });
  expect(await replace()).toMatchObject({ width, height });
});

test('a soft gradient shows no bands: neighbouring levels are mixed', async () => {
  const { artifacts } = await replace({ preset: 'minimalist', width: 1200, height: 900 });
  const { data } = await sharp(artifacts.output)
    .extract({ left: 0, top: 30, width: 1200, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let longest = 0;
  for (let x = 1, run = 1; x < 1200; x++) {
    run = data[x * 3] === data[x * 3 - 3] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  expect(longest).toBeLessThan(40);
});
