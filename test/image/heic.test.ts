import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cropTo, decodeImage, encodeImage } from '../../lib/image';
import references from './heic/references.json';
import { heifFile, type HeifParts } from './heif-file';
import { difference, limits, paint, pixel, temporaryFolder } from './pictures';

const made = join(__dirname, 'heic');
const folder = temporaryFolder();
let count = 0;
const decode = (bytes: Buffer, options = {}) => {
  const file = join(folder, `photo-${count++}.heic`);
  writeFileSync(file, bytes);
  return decodeImage(file, { limits, ...options });
};
/** One HEVC picture, see heic/make.py. */
const stream = (name: string) => readFileSync(join(made, `${name}.hevc`));

/** What heic/make.py painted. */
const photo = paint(192, 128, (x, y) => [x, y * 2, x < 64 && y < 64 ? 220 : 40]);
const single = (): HeifParts => ({ tiles: [stream('photo')], tileWidth: 192, tileHeight: 128 });
const grid = (): HeifParts => ({
  tiles: [0, 1].flatMap((row) => [0, 1, 2].map((column) => stream(`tile-${row}-${column}`))),
  tileWidth: 64,
  tileHeight: 64,
  grid: { columns: 3, rows: 2, width: 180, height: 120 },
});

describe('HEIC files as another program reads them', () => {
  test.each(Object.entries(references))('%s', async (name, { width, height, pixels }) => {
    const { rgb, alpha, format } = await decodeImage(join(made, name), { limits });
    expect([format, rgb.width, rgb.height]).toEqual(['heic', width, height]);
    const isCut = pixels[0].length === 6;
    expect(alpha !== undefined).toBe(isCut);
    const found = pixels.flatMap(([x, y]) => [
      ...pixel(rgb, x, y),
      ...(alpha ? [alpha.data[y * width + x]] : []),
    ]);
    const expected = pixels.flatMap(([, , ...values]) => values);
    expect(difference(found, expected).most).toBeLessThanOrEqual(2);
  });

  test('metadata comes along, and what is written with it stays upright', async () => {
    const { rgb, metadata } = await decodeImage(join(made, 'turned.heic'), { limits });
    expect(metadata.exif?.toString('latin1')).toContain('Vitrine');
    const file = join(folder, 'kept.png');
    await encodeImage(file, rgb, { format: 'png', metadata });
    expect((await decodeImage(file, { limits })).rgb).toEqual(rgb);
  });

  test('where a list of references is wrong, the picture that the file names as its own is shown', async () => {
    const bytes = readFileSync(join(made, 'thumbnail.heic'));
    // Says that the picture is a thumbnail of its thumbnail.
    const at = bytes.indexOf('thmb') + 4;
    const [from, to] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 4)];
    bytes.writeUInt16BE(to, at);
    bytes.writeUInt16BE(from, at + 4);
    const { rgb } = await decode(bytes);
    expect([rgb.width, rgb.height]).toEqual([192, 128]);
  });
});

describe('what a container can ask for', () => {
  test('a single picture', async () => {
    const { rgb, format, alpha } = await decode(heifFile(single()));
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
    const decoded = await decode(heifFile({ ...single(), alpha: stream('alpha') }));
    expect(decoded.alpha?.data[64 * 192 + 20]).toBeGreaterThan(250);
    expect(decoded.alpha?.data[64 * 192 + 170]).toBeLessThan(5);
    expect(difference(decoded.rgb.data, photo.data).mean).toBeLessThan(2);
  });

  test('an unknown codec inside is named', async () => {
    await expect(decode(heifFile({ ...single(), codec: 'jpeg' }))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringContaining('jpeg'),
    });
  });
});

describe('damage and limits', () => {
  test('a missing tile is an error, not a hole', async () => {
    const parts = grid();
    parts.tiles.pop();
    await expect(decode(heifFile(parts))).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
  });

  test('a stream that is no HEVC, or that is cut off, is an error', async () => {
    const stub = Buffer.from('0000000140010c000001420101000001440101000001260101', 'hex');
    await expect(decode(heifFile({ ...single(), tiles: [stub] }))).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
    });
    const bytes = heifFile(grid());
    await expect(decode(bytes.subarray(0, bytes.length - 200))).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
    });
  });

  test('a file that ends anywhere in its structure is an error', async () => {
    const bytes = heifFile(single());
    for (let length = 30; length < bytes.length - 3000; length += 97) {
      await expect(decode(bytes.subarray(0, length))).rejects.toMatchObject({
        code: 'INVALID_IMAGE',
        message: expect.not.stringMatching(/\n/),
      });
    }
  });

  test('pixels are checked before anything is decoded', async () => {
    const large = heifFile({ ...single(), tileWidth: 30_000, tileHeight: 30_000 });
    await expect(decode(large)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(decode(heifFile(grid()), { limits: { ...limits, maxPixels: 1000 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });
});
