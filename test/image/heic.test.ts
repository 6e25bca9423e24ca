import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RgbImage } from '../../lib/contracts';
import { cropTo, decodeImage } from '../../lib/image';
import { heifFile, type HeifParts } from './heif-file';
import { difference, limits, paint, pixel, temporaryFolder } from './pictures';

const ffmpeg = process.env.FFMPEG_PATH || 'ffmpeg';
const encoders = spawnSync(ffmpeg, ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? '';
const canEncode = encoders.includes('libx265');
const withFfmpeg = canEncode ? describe : describe.skip;
const note = canEncode ? '' : ' (skipped: no ffmpeg with libx265 on this machine)';

const folder = temporaryFolder();
let count = 0;
const decode = (bytes: Buffer, options = {}) => {
  const file = join(folder, `photo-${count++}.heic`);
  writeFileSync(file, bytes);
  return decodeImage(file, { limits, tempDir: folder, ffmpegPath: process.env.FFMPEG_PATH, ...options });
};

/** One HEVC picture, nearly lossless. */
function hevc({ data, width, height }: RgbImage): Buffer {
  const source = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', 'pipe:0'];
  const coding = [
    '-c:v',
    'libx265',
    '-pix_fmt',
    'yuv444p',
    '-x265-params',
    'crf=2:log-level=none',
    '-f',
    'hevc',
    'pipe:1',
  ];
  const { stdout } = spawnSync(ffmpeg, ['-v', 'error', ...source, ...coding], {
    input: data,
    maxBuffer: 1 << 26,
  });
  return stdout;
}

/** A stream that no decoder was ever near. */
const stub: HeifParts = {
  tiles: [Buffer.from('0000000140010c000001420101000001440101000001260101', 'hex')],
  tileWidth: 64,
  tileHeight: 64,
};

withFfmpeg(`HEIC through ffmpeg${note}`, () => {
  const photo = paint(192, 128, (x, y) => [x, y * 2, x < 64 && y < 64 ? 220 : 40]);
  const tile = (x: number, y: number) => hevc(cropTo(photo, [x, y, 64, 64]));
  const grid = (): HeifParts => ({
    tiles: [0, 64].flatMap((y) => [0, 64, 128].map((x) => tile(x, y))),
    tileWidth: 64,
    tileHeight: 64,
    grid: { columns: 3, rows: 2, width: 180, height: 120 },
  });

  test('a single picture', async () => {
    const { rgb, format, alpha } = await decode(
      heifFile({ tiles: [hevc(photo)], tileWidth: 192, tileHeight: 128 }),
    );
    expect([format, alpha, rgb.width, rgb.height]).toEqual(['heic', undefined, 192, 128]);
    expect(difference(rgb.data, photo.data).mean).toBeLessThan(2);
  });

  test('a grid of tiles, as phones write it, is put together whole', async () => {
    const { rgb } = await decode(heifFile(grid()));
    expect([rgb.width, rgb.height]).toEqual([180, 120]);
    expect(difference(rgb.data, cropTo(photo, [0, 0, 180, 120]).data).mean).toBeLessThan(2);
  });

  test.each([
    ['irot 1', { irot: 1 }, [120, 180], [0, 179]],
    ['irot 2', { irot: 2 }, [180, 120], [179, 119]],
    ['irot 3', { irot: 3 }, [120, 180], [119, 0]],
    ['imir 0', { imir: 0 }, [180, 120], [0, 119]],
    ['imir 1', { imir: 1 }, [180, 120], [179, 0]],
    ['irot 1, then imir 1', { irot: 1, imir: 1 }, [120, 180], [119, 179]],
    ['irot 3, then imir 0', { irot: 3, imir: 0 }, [120, 180], [119, 179]],
  ])('%s turns the blue corner to where it belongs', async (_, turn, size, corner) => {
    const { rgb } = await decode(heifFile({ ...grid(), ...turn }));
    expect([rgb.width, rgb.height]).toEqual(size);
    expect(pixel(rgb, corner[0], corner[1])[2]).toBeGreaterThan(180);
    expect(pixel(rgb, size[0] - 1 - corner[0], size[1] - 1 - corner[1])[2]).toBeLessThan(80);
  });

  test('a clean aperture is cut out', async () => {
    const { rgb } = await decode(heifFile({ ...grid(), clap: [100, 60, 20, -10] }));
    expect([rgb.width, rgb.height]).toEqual([100, 60]);
    expect(difference(rgb.data, cropTo(photo, [60, 20, 100, 60]).data).mean).toBeLessThan(2);
  });

  test('an alpha picture becomes alpha', async () => {
    const alpha = hevc(paint(192, 128, (x) => (x < 96 ? [255, 255, 255] : [0, 0, 0])));
    const decoded = await decode(heifFile({ tiles: [hevc(photo)], tileWidth: 192, tileHeight: 128, alpha }));
    expect(decoded.alpha?.data[64 * 192 + 20]).toBeGreaterThan(250);
    expect(decoded.alpha?.data[64 * 192 + 170]).toBeLessThan(5);
    expect(difference(decoded.rgb.data, photo.data).mean).toBeLessThan(2);
  });

  test('a missing tile is an error, not a hole', async () => {
    const parts = grid();
    parts.tiles.pop();
    await expect(decode(heifFile(parts))).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
  });

  test('a stream that cannot be decoded, or that is cut off, is an error', async () => {
    await expect(decode(heifFile(stub))).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
    const bytes = heifFile(grid());
    await expect(decode(bytes.subarray(0, bytes.length - 200))).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
    });
  });

  test('pixels are checked before ffmpeg runs; nothing is left behind', async () => {
    const large = heifFile({ ...grid(), grid: { columns: 3, rows: 2, width: 60_000, height: 60_000 } });
    await expect(decode(large)).rejects.toMatchObject({ name: 'VitrineError' });
    await expect(decode(heifFile(grid()), { limits: { ...limits, maxPixels: 1000 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
    expect(readdirSync(folder).filter((name) => name.endsWith('.hevc'))).toEqual([]);
  });
});

describe('HEIC without ffmpeg', () => {
  test('the error says what to install', async () => {
    await expect(decode(heifFile(stub), { ffmpegPath: join(folder, 'no-ffmpeg') })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('no-ffmpeg'),
      hint: expect.stringMatching(/apt-get install ffmpeg.*brew install ffmpeg.*winget install.*FFMPEG_PATH/),
    });
  });

  test('limits and structure are checked all the same', async () => {
    const options = { ffmpegPath: join(folder, 'no-ffmpeg') };
    const large = heifFile({ ...stub, tileWidth: 30_000, tileHeight: 30_000 });
    await expect(decode(large, options)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    const bytes = heifFile(stub);
    for (let length = 30; length < bytes.length; length += 7) {
      await expect(decode(bytes.subarray(0, length), options)).rejects.toMatchObject({
        name: 'VitrineError',
      });
    }
  });

  test('an unknown codec inside is named', async () => {
    await expect(decode(heifFile({ ...stub, codec: 'vvc1' }))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringContaining('vvc1'),
    });
  });

  test('a program that hangs is ended, and a cancelled job ends it too', async () => {
    const sleeper = join(folder, 'sleeper');
    writeFileSync(sleeper, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const options = { ffmpegPath: sleeper };
    await expect(
      decode(heifFile(stub), { ...options, limits: { ...limits, timeoutSeconds: 1 } }),
    ).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const signal = AbortSignal.timeout(300);
    await expect(decode(heifFile(stub), { ...options, signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('BMP', () => {
  const bmp = Buffer.alloc(54 + 16);
  bmp.write('BM');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(2, 18);
  bmp.writeInt32LE(2, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  // Rows from the bottom, blue first, padded to four bytes.
  bmp.set([255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0], 54);

  (canEncode ? test : test.skip)(`is read through ffmpeg${note}`, async () => {
    const { rgb, format, alpha } = await decode(bmp);
    expect([format, alpha]).toEqual(['bmp', undefined]);
    expect([...rgb.data]).toEqual([255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0]);
  });

  test('without ffmpeg the error says so', async () => {
    await expect(decode(bmp, { ffmpegPath: join(folder, 'no-ffmpeg') })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
    });
  });
});
