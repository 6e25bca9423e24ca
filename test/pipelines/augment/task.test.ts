import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type Border,
  type Each,
  type PictureDone,
  type PictureFiles,
  type PictureOrder,
  type PictureRequest,
  type Source,
  leastVisible,
  loadConfig,
} from '../../../lib/contracts';
import { Resources } from '../../../lib/pipelines';
import { augmentPictures, cutSource, surveySources } from '../../../lib/pipelines/augment';
import { writePackshot } from '../../support/pictures';
import { tempFolder } from '../../support/temp';

const folder = tempFolder();
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
afterAll(() => resources.dispose());

const files: PictureFiles = { originals: {}, cutouts: {}, backgrounds: {} };
const sources: Source[] = [];
const backgrounds: { name: string; sha256: string }[] = [];

const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const context = (signal = new AbortController().signal) => ({
  signal,
  progress: () => undefined,
  tempDir: folder,
});

/** A disc on white, and the same disc cut out. */
async function addSource(upc: string, product: [number, number, number]): Promise<void> {
  const [width, height] = [120, 96];
  const original = join(folder, `${upc}.png`);
  const cutout = join(folder, `${upc}.cut.png`);
  const rgba = Buffer.alloc(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const away = Math.hypot((at % width) - 60, Math.floor(at / width) - 48);
    rgba.set([...product, Math.round(255 * Math.min(1, Math.max(0, 36.5 - away)))], at * 4);
  }
  const cut = sharp(rgba, { raw: { width, height, channels: 4 } });
  await cut.clone().png().toFile(cutout);
  await cut.flatten({ background: '#ffffff' }).png().toFile(original);
  const sha256 = hash(original);
  Object.assign(files.originals, { [sha256]: original });
  Object.assign(files.cutouts, { [sha256]: cutout });
  sources.push({ name: `${upc}/real/a.png`, sha256, upc, width, height, border: null, cut: 'mask' });
}

beforeAll(async () => {
  await addSource('4006381333931', [200, 40, 50]);
  await addSource('4006381333948', [40, 90, 200]);
  const file = join(folder, 'shelf.png');
  const noise = Buffer.from(Array.from({ length: 160 * 120 * 3 }, (_, at) => 90 + ((at * 7919) % 60)));
  await sharp(noise, { raw: { width: 160, height: 120, channels: 3 } })
    .png()
    .toFile(file);
  backgrounds.push({ name: 'shelf.png', sha256: hash(file) });
  files.backgrounds[hash(file)] = file;
});

let folders = 0;
function order(index: number, changes: Partial<PictureRequest> = {}, to = join(folder, `out${folders}`)) {
  mkdirSync(to, { recursive: true });
  const source = sources[index % sources.length];
  const request: PictureRequest = {
    ...{ file: `${source.upc}/syn/aug_${index}.jpg`, seed: 1, upc: source.upc, target: 'syn', index, source },
    ...{ pipeline: index % 2 ? 'heavy' : 'light', size: 96, format: 'jpeg', quality: 90 },
    ...{ distractors: true, occluders: true },
    ...changes,
  };
  return { request, to: join(to, `${index}.jpg`), maskTo: join(to, `${index}.png`) };
}

function make(pictures: PictureOrder[], given = backgrounds): Promise<Each<PictureDone>[]> {
  return augmentPictures(resources, { files, backgrounds: given, distractors: sources, pictures }, context());
}

function done(result: Each<PictureDone>): PictureDone {
  if ('error' in result) throw new Error(result.error.message);
  return result;
}

beforeEach(() => void folders++);

test('a request becomes the same picture in any order, and so does its record', async () => {
  const orders = [0, 1, 2, 3].map((index) => order(index));
  const first = (await make(orders)).map(done);
  folders++;
  const turned = [3, 1, 0, 2].map((index) => order(index));
  const again = (await make(turned)).map(done);
  for (const result of again) {
    const { sha256, record } = first.find((other) => other.record.index === result.record.index)!;
    expect(result).toMatchObject({ sha256, record });
  }
  folders++;
  const replayed = first.map(({ record }, index) => ({
    record: JSON.parse(JSON.stringify(record)) as typeof record,
    to: order(index).to,
  }));
  expect((await make(replayed)).map((result) => done(result).sha256)).toEqual(
    first.map(({ sha256 }) => sha256),
  );
  expect(hash(orders[0].to)).toBe(first[0].sha256);
  expect(new Set(first.map(({ sha256 }) => sha256)).size).toBe(4);
});

test('masks are 0 and 255 only, boxes and areas are theirs, and enough of the product is to be seen', async () => {
  const orders = Array.from({ length: 12 }, (_, index) => order(index));
  const results = (await make(orders)).map(done);
  for (const [index, result] of results.entries()) {
    const { data, info } = await sharp(orders[index].maskTo)
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const inside = [...data.keys()].filter((at) => data[at] === 255);
    expect(inside.length + data.filter((value) => value === 0).length).toBe(data.length);
    expect(result.area).toBeCloseTo(inside.length / data.length, 4);
    const columns = inside.map((at) => at % info.width);
    const rows = inside.map((at) => Math.floor(at / info.width));
    const [left, top] = [Math.min(...columns), Math.min(...rows)];
    expect(result.boxes).toEqual([[left, top, Math.max(...columns) - left + 1, Math.max(...rows) - top + 1]]);
    expect(result.visible).toBeGreaterThanOrEqual(leastVisible(result.record.augmentation.pipeline));
  }
});

test('a real picture is the photo, with or without a cutout', async () => {
  const changes = { target: 'real', pipeline: 'real' } as const;
  const [labelled] = (await make([order(0, changes)])).map(done);
  const [bare] = (await make([order(0, { ...changes, source: { ...sources[0], cut: null } })])).map(done);
  expect(labelled).toMatchObject({ background: 'photo', boxes: [expect.any(Array)] });
  expect(bare).toMatchObject({ sha256: labelled.sha256, boxes: [], visible: 1, area: 1 });
  expect(labelled.record.composition).toBeNull();
});

test('a bad picture fails alone and leaves nothing behind', async () => {
  const broken = join(folder, 'broken.png');
  writeFileSync(broken, readFileSync(files.originals[sources[0].sha256]).subarray(0, 300));
  const sha256 = hash(broken);
  files.cutouts[sha256] = broken;
  const orders = [
    order(0),
    order(1, { source: { ...sources[1], sha256 } }),
    order(2, { source: { ...sources[0], sha256: '0'.repeat(64) } }),
    order(3),
  ];
  const results = await make(orders);
  expect(results.map((result) => ('error' in result ? result.error.code : 'made'))).toEqual([
    'made',
    'INVALID_IMAGE',
    'NOT_FOUND',
    'made',
  ]);
  expect(readdirSync(join(folder, `out${folders}`)).sort()).toEqual(['0.jpg', '0.png', '3.jpg', '3.png']);
});

test('without backgrounds they are drawn, and told', async () => {
  const results = (await make([order(0), order(1)], [])).map(done);
  for (const { background } of results) expect(background).toMatch(/^studio: |^gradient$/);
});

test('a survey reads what is whole and says what is not', async () => {
  const broken = join(folder, 'half.png');
  writeFileSync(broken, readFileSync(files.originals[sources[0].sha256]).subarray(0, 300));
  const [good, bad] = await surveySources(resources, [files.originals[sources[0].sha256], broken], context());
  expect(good).toMatchObject({ width: 120, height: 96, sha256: sources[0].sha256 });
  expect(bad).toMatchObject({ error: { code: 'INVALID_IMAGE' } });
});

test('a source is cut once, with clean colours, no larger than it is needed', async () => {
  const file = await writePackshot(folder, 'packshot.png');
  const to = join(folder, 'packshot.cut.png');
  const params = { model: 'plain', device: 'cpu', strict_device: false } as const;
  const result = await cutSource(resources, { file, border: null, params, to, size: 72 }, context());
  expect(result).toMatchObject({ model: 'plain', device: 'cpu', unsure: false });
  const { width, height, hasAlpha } = await sharp(to).metadata();
  expect(hasAlpha).toBe(true);
  expect(width! / height!).toBeCloseTo(320 / 240, 1);
  expect(width!).toBeLessThan(200);
});

test('the outline of a source is that of the whole picture, whatever border was taken off', async () => {
  const file = await writePackshot(folder, 'bordered.png');
  const params = { model: 'plain', device: 'cpu', strict_device: false } as const;
  const border = { sides: ['left', 'top'], color: '#ffffff', action: 'cropped', keep: [20, 12, 290, 220] };
  for (const each of [null, border as unknown as Border]) {
    const to = join(folder, 'bordered.cut.png');
    const { outline } = await cutSource(resources, { file, border: each, params, to }, context());
    const [x, y, across, down] = outline!.box;
    for (const [found, drawn] of [
      [x, 88],
      [y, 48],
      [across, 144],
      [down, 144],
    ])
      expect(Math.abs(found - drawn)).toBeLessThanOrEqual(2);
    const mask = unpacked(outline!.rle);
    expect(mask).toHaveLength(320 * 240);
    const [inside, outside] = [mask[(88 + 72) * 240 + 48 + 72], mask[10 * 240 + 10]];
    expect([inside, outside]).toEqual([255, 0]);
  }
});

test('the mask in run lengths is the mask that is written', async () => {
  const orders = [0, 1, 2, 3].map((index) => order(index));
  const results = (await make(orders)).map(done);
  for (const [index, { rle, width, height }] of results.entries()) {
    const { data } = await sharp(orders[index].maskTo)
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const down = Array.from(
      { length: width * height },
      (_, at) => data[(at % height) * width + Math.floor(at / height)],
    );
    expect(unpacked(rle!)).toEqual(down);
  }
});

/** COCO's compressed run lengths as levels down the columns, after pycocotools' rleFrString. */
function unpacked(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, bits, more] = [0, 0, true];
    while (more) {
      const group = text.charCodeAt(at++) - 48;
      value |= (group & 0x1f) << bits;
      more = (group & 0x20) !== 0;
      bits += 5;
      if (!more && group & 0x10) value |= -1 << bits;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs.flatMap((run, at) => new Array<number>(run).fill(at % 2 ? 255 : 0));
}
