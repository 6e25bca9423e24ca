import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type Progress,
  type SegmentParamsInput,
  type SegmentedClip,
  cancelled,
  loadConfig,
  parse,
  segmentParams,
} from '../../lib/contracts';
import { WorkerPool } from '../../lib/engine/workers';
import { type ProductVideo, makeProductVideo } from '../support/product-video';
import { exampleCutout } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { H264, ffmpegPath, makeVideo } from '../support/videos';

/** Videos become frames: with the network that comes along, and nothing downloaded. */
const folder = tempFolder();
const config = loadConfig({ VITRINE_OFFLINE: 'true', FFMPEG_PATH: ffmpegPath });
// In a worker, as always: the loops over pixels take many times as long within a test.
const pool = new WorkerPool({ ...config, modelsDir: folder });
let can: ProductVideo;
let all: SegmentedClip;

beforeAll(async () => {
  can = await makeProductVideo(folder, 'can.mp4', { frames: 8 });
  all = await segment();
});
afterAll(() => pool.close());

const options = (onProgress?: (event: Progress) => void, signal?: AbortSignal) => ({
  folder: mkdtempSync(join(folder, 'job-')),
  onProgress,
  signal,
});
const segment = (
  params: SegmentParamsInput = {},
  file = can.file,
  ...rest: Parameters<typeof options>
): Promise<SegmentedClip> =>
  pool.run('segment', { file, params: parse(segmentParams, params) }, options(...rest));

/** Where a picture's alpha is over 0: left, top, right and bottom, in pixels. */
async function alphaBox(file: string) {
  const { data, info } = await sharp(file)
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = { left: info.width, top: info.height, right: -1, bottom: -1 };
  data.forEach((value, i) => {
    if (!value) return;
    const [x, y] = [i % info.width, Math.floor(i / info.width)];
    at.left = Math.min(at.left, x);
    at.right = Math.max(at.right, x);
    at.top = Math.min(at.top, y);
    at.bottom = Math.max(at.bottom, y);
  });
  return at;
}

test('every frame is 518 x 518, its product whole and in its middle, of its own proportions', async () => {
  expect(all).toMatchObject({
    ...{ frame_count: 8, tracker: 'cutouts', model: 'u2netp', device: 'cpu', width: 518, height: 518 },
    dropped: { empty: 0, blurred: 0, duplicate: 0 },
    video: { width: 320, height: 240, frames: 8, decoder: 'ffmpeg' },
  });
  for (const [i, frame] of all.frames.entries()) {
    expect(frame.artifact).toBe(`frame_${String(i + 1).padStart(4, '0')}`);
    expect(frame.index).toBe(i);
    const file = all.artifacts[frame.artifact]!;
    expect(await sharp(file).metadata()).toMatchObject({ width: 518, height: 518, channels: 4 });
    const { left, top, right, bottom } = await alphaBox(file);
    expect(Math.abs((left + right) / 2 - 258.5)).toBeLessThanOrEqual(2);
    expect(Math.abs((top + bottom) / 2 - 258.5)).toBeLessThanOrEqual(2);
    expect((bottom - top) / (right - left)).toBeCloseTo(1.6, 0);
    expect(top).toBeGreaterThan(0);
    expect(bottom).toBeLessThan(517);
  }
});

test('the product is followed: its boxes in the video are those that it was drawn at', () => {
  const overlaps = all.frames.map(({ bbox: [x, y, w, h] }, i) => {
    const [bx, by, bw, bh] = can.boxes[i]!;
    const across = Math.max(0, Math.min(x + w, bx + bw) - Math.max(x, bx));
    const down = Math.max(0, Math.min(y + h, by + bh) - Math.max(y, by));
    return (across * down) / (w * h + bw * bh - across * down);
  });
  expect(Math.min(...overlaps)).toBeGreaterThan(0.85);
});

test('the frame that stands for the product is near the middle of the clip', () => {
  expect(all.artifacts[all.primary]).toBeDefined();
  expect(Math.abs(Number(all.primary.slice(6)) - 4.5)).toBeLessThan(3.5);
});

test('one scale for the whole clip keeps the product’s growth; a scale of each frame does not', async () => {
  const clip = await segment({ scale: 'clip', size: 64, max_frames: 3 });
  expect(new Set(clip.frames.map(({ scale }) => scale)).size).toBe(1);
  const [first, last] = [all.frames[0].scale, all.frames.at(-1)!.scale];
  expect(first / last).toBeGreaterThan(1.2);
});

test('a frame without the product is left out, counted, and told', async () => {
  const video = await makeProductVideo(folder, 'away.mp4', { frames: 6, hidden: [2, 3] });
  const result = await segment({ size: 64 }, video.file);
  expect(result.frames.map(({ index }) => index)).toEqual([0, 1, 4, 5]);
  expect(result.dropped.empty).toBe(2);
  expect(result.warnings.join(' ')).toContain('2 frames do not show the product');
  const kept = await segment({ size: 64, drop_empty: false }, video.file);
  expect(kept.frame_count).toBe(6);
  const { data } = await sharp(kept.artifacts.frame_0003!)
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(Math.max(...data)).toBe(0);
});

test('frames that show the same are left out where that is asked for', async () => {
  const still = makeVideo(
    folder,
    'still.mp4',
    ['-i', can.file, '-vf', "select='eq(n,3)',loop=2:1:0,setpts=N/25/TB"],
    H264,
  );
  const result = await segment({ size: 64, drop_duplicates: true, drop_blurred: true }, still);
  expect(result.frame_count).toBe(1);
  expect(result.dropped.duplicate).toBe(2);
});

test('frames evenly spread, on a colour, as JPEG, with a ZIP file, a contact sheet and a preview', async () => {
  const told: Progress[] = [];
  const result = await segment(
    {
      ...{ max_frames: 3, size: 96, background: 'color', bgcolor: '#00ff00', format: 'jpeg' },
      ...{ zip: true, preview: 'webp' },
    },
    can.file,
    (event) => told.push(event),
  );
  expect(result.frames.map(({ index }) => index)).toEqual([0, 4, 7]);
  const corner = await sharp(result.artifacts.frame_0001!)
    .extract({ left: 1, top: 1, width: 1, height: 1 })
    .raw()
    .toBuffer();
  expect(corner[0]).toBeLessThan(6);
  expect(corner[1]).toBeGreaterThan(249);
  expect(await sharp(result.artifacts.preview!).metadata()).toMatchObject({ format: 'webp', pages: 3 });
  for (const name of ['sheet', 'zip'] as const) expect(existsSync(result.artifacts[name]!)).toBe(true);
  expect(told.map(({ message }) => message).join()).toMatch(/frame \d of 3, .* a second, \d+ s left/);
});

test('the original background stays where that is asked for', async () => {
  const result = await segment({ max_frames: 1, size: 96, background: 'original', sheet: false });
  expect(result.artifacts.sheet).toBeUndefined();
  const { channels, data } = await sharp(result.artifacts.frame_0001!)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .then(({ data, info }) => ({ data, channels: info.channels }));
  expect(channels).toBe(3);
  expect(data[0]).toBeGreaterThan(100);
});

test('the product that a box points at', async () => {
  const [x, y, w, h] = can.boxes[4]!;
  const result = await segment({ box: [x, y, w, h], prompt_frame: 4, max_frames: 3, size: 64 });
  expect(result.frame_count).toBe(3);
});

describe('a place on the product, of two in the video', () => {
  const boxes = { kettle: [120, 130, 260, 300], mug: [660, 340, 120, 130] } as const;
  let shelf: string;

  beforeAll(async () => {
    const products = Object.entries(boxes).map(async ([name, [left, top, width, height]]) => {
      const product = sharp(await exampleCutout(`packshots/${name}`));
      const input = await product.resize({ width, height, fit: 'inside' }).toBuffer();
      return { input, left, top };
    });
    const ground = { width: 960, height: 540, channels: 3 as const, background: '#b9c2c4' };
    const picture = join(folder, 'shelf.png');
    await sharp({ create: ground })
      .composite(await Promise.all(products))
      .toFile(picture);
    shelf = makeVideo(folder, 'shelf.mp4', ['-loop', '1', '-t', '0.12', '-i', picture], H264);
  });

  test.each(Object.entries(boxes))('the %s', async (_, [left, top, width, height]) => {
    const point: [number, number] = [left + width / 2, top + height / 2];
    const { frames } = await segment({ point, size: 64, sheet: false }, shelf);
    for (const { bbox } of frames) {
      const [x, y, across, down] = bbox;
      expect(x).toBeGreaterThan(left - 10);
      expect(y).toBeGreaterThan(top - 10);
      expect(x + across).toBeLessThan(left + width + 10);
      expect(y + down).toBeLessThan(top + height + 10);
    }
  });

  test('nothing there', async () => {
    const message = 'No product was found at the point 500, 60 of frame 0';
    await expect(segment({ point: [500, 60] }, shelf)).rejects.toMatchObject({ code: 'NO_SUBJECT', message });
  });
});

test.each([
  [{ format: 'jpeg' as const }, 'Expected format to be png or webp'],
  [{ fps: 2, stride: 2 }, 'Expected stride to be left out with fps'],
  [
    { box: [0, 0, 10, 10] as [number, number, number, number], prompt: 'can' },
    'Expected prompt to be left out with box',
  ],
  [
    { box: [300, 0, 100, 10] as [number, number, number, number] },
    'within the 320 x 240 pixels of the video',
  ],
  [{ point: [10, 240] as [number, number] }, 'Expected point to be x, y within the 320 x 240 pixels'],
  [
    { point: [10, 10] as [number, number], box: [0, 0, 10, 10] as [number, number, number, number] },
    'Expected point to be left out with box but received "10, 10"',
  ],
  [{ model: 'plain' }, 'Expected model to be a network but received "plain"'],
  [{ prompt: 'can' }, 'There is nothing here that finds "can"'],
])('%j is refused', async (params, message) => {
  await expect(segment(params)).rejects.toThrow(message);
});

test('a video that shows nothing says so', async () => {
  const grey = makeVideo(folder, 'grey.mp4', ['-f', 'lavfi', '-i', 'color=gray:s=64x48:d=0.2'], H264);
  await expect(segment({}, grey)).rejects.toMatchObject({ code: 'NO_SUBJECT' });
});

test('a cancelled job ends', async () => {
  const controller = new AbortController();
  const work = segment({}, can.file, () => controller.abort(cancelled()), controller.signal);
  await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('stills are JPEG files from all parts of the video', async () => {
  const { stills } = await pool.run('stills', { file: can.file, count: 2 }, options());
  expect(stills.map(({ frame }) => Math.floor(frame / 4)).sort()).toEqual([0, 1]);
  expect(stills.every(({ ratio, width }) => ratio * width === 320)).toBe(true);
  expect(readdirSync(join(stills[0].file, '..'))).toContain(`still-${stills[0].frame}.jpg`);
});
