import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type RgbaFrame, openVideo, writePreview } from '../../lib/video';
import { tempFolder } from '../support/temp';
import { allFrames, colourAt, ffmpegPath, opening } from '../support/videos';

const folder = tempFolder();
const { signal } = new AbortController();

/** A red square that moves over nothing. */
function* moving(count: number, size = 48): Generator<RgbaFrame> {
  for (let at = 0; at < count; at++) {
    const data = new Uint8Array(size * size * 4);
    for (let y = 8; y < 32; y++)
      for (let x = at; x < at + 24; x++) data.set([220, 30, 30, 255], (y * size + x) * 4);
    yield { data, width: size, height: size };
  }
}

test('a transparent WebM where an ffmpeg is', async () => {
  const written = await writePreview(moving(8), {
    stem: join(folder, 'a'),
    fps: 8,
    ffmpegPath,
    folder,
    signal,
  });
  expect(written).toEqual({ file: join(folder, 'a.webm'), format: 'webm' });
  const reader = await openVideo(written.file, opening(folder));
  expect(reader.info).toMatchObject({ hasAlpha: true, codec: 'vp9', width: 48, height: 48 });
  const frames = await allFrames(reader);
  expect(frames).toHaveLength(8);
  const { alpha } = frames[4];
  expect(alpha!.data[20 * 48 + 14]).toBeGreaterThan(240);
  expect(alpha!.data[20 * 48 + 44]).toBeLessThan(15);
  const [red, green] = colourAt(frames[4], 14 / 47, 20 / 47);
  expect(red).toBeGreaterThan(190);
  expect(green).toBeLessThan(60);
});

test.each(['gif', 'webp'] as const)('an animated %s without one', async (format) => {
  const stem = join(folder, `b-${format}`);
  const { file } = await writePreview(moving(6), { stem, fps: 5, format, folder, signal });
  const animation = await sharp(file, { pages: -1 }).metadata();
  expect(animation).toMatchObject({ format, pages: 6, width: 48, pageHeight: 48, hasAlpha: true, loop: 0 });
  expect(animation.delay).toEqual(new Array(6).fill(200));
  const { data } = await sharp(file, { page: 3 }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(data[(20 * 48 + 14) * 4 + 3]).toBe(255);
  expect(data[(20 * 48 + 44) * 4 + 3]).toBe(0);
});

test('a long animation has every second frame, and plays as long', async () => {
  const { file } = await writePreview(moving(20 * 8, 200), {
    stem: join(folder, 'long'),
    fps: 10,
    format: 'webp',
    folder,
    signal,
  });
  const { pages, delay } = await sharp(file, { pages: -1 }).metadata();
  expect(pages).toBe(80);
  expect(delay![0]).toBe(200);
});

test('frames that fail leave nothing behind', async () => {
  const before = readdirSync(folder);
  async function* failing(): AsyncGenerator<RgbaFrame> {
    yield* moving(2);
    throw new Error('no more');
  }
  for (const format of ['webm', 'gif'] as const) {
    const options = { stem: join(folder, 'c'), fps: 8, format, ffmpegPath, folder, signal };
    await expect(writePreview(failing(), options)).rejects.toThrow('no more');
  }
  const abort = new AbortController();
  abort.abort();
  const cancelled = { stem: join(folder, 'c'), fps: 8, ffmpegPath, folder, signal: abort.signal };
  await expect(writePreview(moving(3), cancelled)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(readdirSync(folder)).toEqual(before);
});

test('WebM is refused where nothing writes it', async () => {
  const options = {
    stem: join(folder, 'd'),
    fps: 8,
    format: 'webm',
    ffmpegPath: '/nowhere/ffmpeg',
    folder,
    signal,
  } as const;
  await expect(writePreview(moving(2), options)).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});
