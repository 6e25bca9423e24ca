import { join } from 'node:path';
import sharp from 'sharp';
import {
  type RemoveParamsInput,
  type RemoveResult,
  loadConfig,
  packageRoot,
  parse,
  removeParams,
  replaceParams,
} from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { contactSheet } from '../../lib/pipelines/preview';
import { removeBackground } from '../../lib/pipelines/remove';
import { replaceBackground } from '../../lib/pipelines/replace';
import { packshot, pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
let photo: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'packshot.png');
});
afterAll(() => resources.dispose());

const context = () => ({ signal: new AbortController().signal, progress: () => undefined, tempDir: folder });
const remove = (file: string, params: RemoveParamsInput = {}): Promise<RemoveResult> =>
  removeBackground(resources, file, parse(removeParams, { enhance_fg: false, ...params }), context());

test('the result says where the product is and how long each part took', async () => {
  const { bbox, coverage, metrics, width, height, warnings } = await remove(photo);
  expect(coverage).toBeCloseTo((Math.PI * 72 ** 2) / (320 * 240), 1);
  [88, 48, 144, 144].forEach((edge, index) => expect(Math.abs(bbox[index] - edge)).toBeLessThanOrEqual(3));
  expect({ width, height, warnings }).toEqual({ width: 320, height: 240, warnings: [] });
  // Loading is a part of inference here.
  const { elapsed_ms, load_ms, ...parts } = metrics;
  expect(load_ms ?? 0).toBeLessThanOrEqual(parts.infer_ms!);
  expect(Object.values(parts).reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(elapsed_ms + 3);
});

test('a sideways photo comes out upright', async () => {
  const sideways = join(folder, 'sideways.jpg');
  await sharp(photo).withMetadata({ orientation: 6 }).toFile(sideways);
  expect(await remove(sideways)).toMatchObject({ width: 240, height: 320 });
});

test.each([
  ['png', 'png'],
  ['jpg', 'jpeg'],
  ['webp', 'webp'],
  ['tiff', 'png'],
])('an opaque result keeps the photo’s format: %s gives %s', async (ending, format) => {
  const file = await writePackshot(folder, `format.${ending}`);
  expect((await remove(file, { mode: 'soften' })).format).toBe(format);
});

test('colours at the edge are the product’s own', async () => {
  const green = await writePackshot(folder, 'green.png', { product: [30, 30, 30], ground: [60, 220, 90] });
  const { artifacts } = await remove(green, { mode: 'color', bgcolor: '#ffffff' });
  const { data } = await sharp(artifacts.output).raw().toBuffer({ resolveWithObject: true });
  let greenest = 0;
  for (let at = 0; at < data.length; at += 3) greenest = Math.max(greenest, data[at + 1] - data[at]);
  expect(greenest).toBeLessThan(24);
});

test.each(['multi-level', 'off'] as const)('decontaminate %s', async (decontaminate) => {
  const green = await writePackshot(folder, 'green.png', { product: [30, 30, 30], ground: [60, 220, 90] });
  const { artifacts } = await remove(green, { mode: 'color', bgcolor: '#ffffff', decontaminate });
  const { data } = await sharp(artifacts.output).raw().toBuffer({ resolveWithObject: true });
  let greenest = 0;
  for (let at = 0; at < data.length; at += 3) greenest = Math.max(greenest, data[at + 1] - data[at]);
  if (decontaminate === 'off') expect(greenest).toBeGreaterThan(30);
  else expect(greenest).toBeLessThan(24);
});

test('alpha matting finds the edge of the mask anew, and keeps what is certain', async () => {
  const bare = await remove(photo, { mode: 'mask' });
  const before = await sharp(bare.artifacts.output).extractChannel(0).raw().toBuffer();
  const matted = await remove(photo, { mode: 'mask', alpha_matting: true });
  const after = await sharp(matted.artifacts.output).extractChannel(0).raw().toBuffer();
  expect(matted.warnings).toEqual([]);
  expect(after.equals(before)).toBe(false);
  let changed = 0;
  before.forEach((value, at) => (changed = Math.max(changed, Math.abs(value - after[at]))));
  expect(changed).toBeLessThan(160);
  expect(after[120 * 320 + 160]).toBe(255);
  expect(after[0]).toBe(0);
});

test('alpha matting warns where no product is certain, and keeps the mask', async () => {
  const { warnings, coverage } = await remove(photo, { alpha_matting: true, alpha_matting_erode_size: 200 });
  expect(warnings).toEqual([expect.stringContaining('alpha_matting_erode_size')]);
  expect(coverage).toBeGreaterThan(0.1);
});

test('crop cuts to the product with its padding', async () => {
  const { width, height } = await remove(photo, { crop: true, padding: 10 });
  expect(Math.abs(width - 144 * 1.2)).toBeLessThan(6);
  expect(Math.abs(height - 144 * 1.2)).toBeLessThan(6);
});

test('a square holds the product in its middle', async () => {
  const { artifacts, width, height } = await remove(photo, { size: 256, padding: 0, mode: 'mask' });
  expect({ width, height }).toEqual({ width: 256, height: 256 });
  expect((await pixelAt(artifacts.output, 0.5, 0.5))[0]).toBe(255);
  expect((await pixelAt(artifacts.output, 0.5, 0.1))[0]).toBe(255);
  expect((await pixelAt(artifacts.output, 0.02, 0.02))[0]).toBe(0);
});

test('a picture that is cut out already keeps its own transparency', async () => {
  const cut = (await remove(photo)).artifacts.output;
  const again = join(folder, 'again.png');
  await sharp(cut).toFile(again);
  const { model, warnings, artifacts } = await remove(again);
  expect(model).toBe('none');
  expect(warnings).toEqual([expect.stringContaining('cut out already')]);
  expect((await pixelAt(artifacts.output, 0.5, 0.5))[3]).toBe(255);
});

test('a picture that is cut out already keeps its colours, however often it comes again', async () => {
  const soft = join(folder, 'soft.png');
  const data = Buffer.alloc(64 * 64 * 4);
  for (let i = 0; i < 64 * 64; i++) {
    const away = Math.hypot((i % 64) - 32, (i >> 6) - 32);
    data.set([200, (i * 7) % 256, 40, Math.max(0, Math.min(255, (28 - away) * 25))], i * 4);
  }
  await sharp(data, { raw: { width: 64, height: 64, channels: 4 } }).toFile(soft);
  const { artifacts, confidence, unsure } = await remove(soft, { enhance_fg: true });
  expect({ confidence, unsure }).toEqual({ confidence: 1, unsure: false });
  const again = await sharp(artifacts.output).ensureAlpha().raw().toBuffer();
  for (let at = 0; at < data.length; at += 4) {
    expect(again[at + 3]).toBe(data[at + 3]);
    if (data[at + 3]) expect([...again.subarray(at, at + 3)]).toEqual([...data.subarray(at, at + 3)]);
  }
});

test('four round corners are kept, and a network that is asked for by name makes nothing more opaque', async () => {
  const corners = Buffer.from(
    '<svg width="400" height="300"><rect width="400" height="300" rx="24" fill="#fff"/></svg>',
  );
  const round = join(folder, 'round.png');
  const bottle = await sharp(photo).resize(400, 300, { fit: 'fill' }).ensureAlpha().png().toBuffer();
  await sharp(bottle)
    .composite([{ input: corners, blend: 'dest-in' }])
    .png()
    .toFile(round);
  const own = await sharp(round).extractChannel(3).raw().toBuffer();
  const kept = await remove(round);
  expect(kept.model).toBe('none');
  expect(kept.warnings).toEqual([expect.stringContaining('choose a model by its name')]);
  expect(await sharp(kept.artifacts.output).extractChannel(3).raw().toBuffer()).toEqual(own);

  const cut = await remove(round, { model: 'u2netp' });
  expect(cut.model).toBe('u2netp');
  const alpha = await sharp(cut.artifacts.output).extractChannel(3).raw().toBuffer();
  expect(alpha.every((value, i) => value <= own[i])).toBe(true);
  expect(cut.coverage).toBeLessThan(kept.coverage);
});

test('an unsure cutout says so, or fails where that is asked for', async () => {
  // Waves all over: whatever the network finds, the photo has no product.
  const waves = Buffer.from(
    Array.from({ length: 240 * 180 * 3 }, (_, i) => 128 + 60 * Math.sin((i / 3) * 0.37) * Math.cos(i / 2100)),
  );
  const nothing = join(folder, 'waves.png');
  await sharp(waves, { raw: { width: 240, height: 180, channels: 3 } }).toFile(nothing);
  const { model, confidence, unsure, warnings } = await remove(nothing, { mode: 'mask', clean_mask: false });
  expect({ model, unsure }).toEqual({ model: 'u2netp', unsure: true });
  expect(confidence).toBeLessThan(0.5);
  expect(warnings.join(' ')).toContain('Look at this cutout');
  await expect(remove(nothing, { if_unsure: 'fail' })).rejects.toMatchObject({
    code: 'UNSURE_CUTOUT',
    message: expect.stringContaining(confidence.toFixed(2)),
    hint: expect.stringContaining('Look at this cutout'),
  });
  const sure = await remove(photo, { if_unsure: 'fail' });
  expect(sure.unsure).toBe(false);
  expect(sure.confidence).toBeGreaterThan(0.5);
});

test('enhance_fg changes the product and nothing else', async () => {
  const { data, width, height } = packshot({ product: [120, 110, 100] });
  for (let at = 0; at < data.length; at += 3) if (data[at] < 200) data[at] += (at / 3) % 17;
  const textured = join(folder, 'textured.png');
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(textured);
  const plain = await sharp((await remove(textured, { mode: 'soften' })).artifacts.output)
    .raw()
    .toBuffer();
  const enhanced = await sharp(
    (await remove(textured, { mode: 'soften', enhance_fg: true })).artifacts.output,
  )
    .raw()
    .toBuffer();
  const middle = (120 * 320 + 160) * 3;
  const deviation = (pixels: Buffer) => {
    const part = [...pixels.subarray(middle - 90, middle + 90)].filter((_, index) => index % 3 === 0);
    const mean = part.reduce((sum, value) => sum + value) / part.length;
    return Math.sqrt(part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / part.length);
  };
  expect(deviation(enhanced)).toBeGreaterThan(deviation(plain) * 1.2);
  expect([...enhanced.subarray(0, 300)]).toEqual([...plain.subarray(0, 300)]);
});

test('denoise takes noise out of the product', async () => {
  const { data, width, height } = packshot({ product: [120, 110, 100] });
  let state = 7;
  for (let at = 0; at < data.length; at++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    data[at] = Math.min(255, Math.max(0, data[at] + ((state >> 16) % 13) - 6));
  }
  const noisy = join(folder, 'noisy.png');
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(noisy);
  const spread = async (params: RemoveParamsInput) => {
    const { artifacts } = await remove(noisy, { size: 128, padding: 0, mode: 'color', ...params });
    const middle = sharp(artifacts.output).extract({ left: 48, top: 48, width: 32, height: 32 });
    const { channels } = await sharp(await middle.png().toBuffer()).stats();
    return channels[0].stdev;
  };
  expect(await spread({ denoise: true })).toBeLessThan((await spread({ denoise: false })) * 0.7);
});

test('a cancelled job stops', async () => {
  const signal = AbortSignal.abort();
  await expect(
    removeBackground(resources, photo, parse(removeParams, {}), { ...context(), signal }),
  ).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('metadata goes unless it is asked for', async () => {
  const tagged = join(folder, 'tagged.jpg');
  await sharp(photo)
    .withExif({ IFD0: { Copyright: 'The shop' } })
    .toFile(tagged);
  const exif = async (params: RemoveParamsInput) =>
    (await sharp((await remove(tagged, { mode: 'soften', ...params })).artifacts.output).metadata()).exif;
  expect(await exif({})).toBeUndefined();
  expect(String(await exif({ keep_metadata: true }))).toContain('The shop');
});

test('a contact sheet shows each photo beside its result', async () => {
  const { artifacts } = await remove(photo);
  const { file } = await contactSheet(
    resources,
    [{ before: photo, after: artifacts.output }],
    'png',
    context(),
  );
  const { width, height } = await sharp(file).metadata();
  expect({ width, height }).toEqual({ width: 2 * 480 + 3 * 16, height: 360 + 2 * 16 });
  const [red, green] = await pixelAt(file, 0.25, 0.5);
  expect(red - green).toBeGreaterThan(100);
});

describe('a photo whose hole stays filled', () => {
  const headphones = join(packageRoot, 'examples/packshots/headphones.jpg');

  it('is unsure, and the warning says where to look', async () => {
    const { unsure, warnings } = await remove(headphones);
    expect(unsure).toBe(true);
    expect(warnings.join()).toMatch(/looks like what is behind it \(\d+ x \d+ pixels at \d+, \d+\)/);
  });

  it('is refused where unsure cuts are', async () => {
    await expect(remove(headphones, { if_unsure: 'fail' })).rejects.toMatchObject({
      code: 'UNSURE_CUTOUT',
      hint: expect.stringContaining('looks like what is behind it'),
    });
  });

  it('is told with every scene that the product is put on', async () => {
    const params = parse(replaceParams, { preset: 'minimalist' });
    const { unsure, warnings } = await replaceBackground(resources, { file: headphones, params }, context());
    expect(unsure).toBe(true);
    expect(warnings.join()).toContain('looks like what is behind it');
  });
});
