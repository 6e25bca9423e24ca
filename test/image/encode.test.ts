import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { cropTo, decodeImage, encodeImage, encodeMask } from '../../lib/image';
import { difference, limits, matte, paint, randomNumbers, temporaryFolder } from './pictures';

const folder = temporaryFolder();
const image = paint(60, 40, (x, y) => [x * 4, y * 6, 120]);
const alpha = matte(60, 40, (x) => Math.min(255, x * 6));
const decode = (file: string) => decodeImage(file, { limits });

describe('encodeImage', () => {
  test('PNG keeps every visible pixel and clears what is fully transparent', async () => {
    const file = join(folder, 'a.png');
    await encodeImage(file, image, { format: 'png', alpha });
    const back = await decode(file);
    expect(back.alpha?.data).toEqual(alpha.data);
    const expected = image.data.map((value, at) => (alpha.data[Math.floor(at / 3)] === 0 ? 0 : value));
    expect(back.rgb.data).toEqual(expected);
  });

  test('WebP keeps alpha exactly and colour nearly', async () => {
    const file = join(folder, 'a.webp');
    await encodeImage(file, image, { format: 'webp', alpha });
    const back = await decode(file);
    expect(back.alpha?.data).toEqual(alpha.data);
    const visible = (data: Uint8Array) => data.filter((_, at) => alpha.data[Math.floor(at / 3)] > 0);
    expect(difference(visible(back.rgb.data), visible(image.data)).mean).toBeLessThan(4);
  });

  test('JPEG keeps colour at full resolution', async () => {
    const file = join(folder, 'a.jpg');
    await encodeImage(file, image, { format: 'jpeg' });
    expect(difference((await decode(file)).rgb.data, image.data).mean).toBeLessThan(2);
    expect((await sharp(file).metadata()).chromaSubsampling).toBe('4:4:4');
  });

  test.each(['webp', 'jpeg'] as const)('%s: quality decides the size', async (format) => {
    const random = randomNumbers();
    const rough = paint(200, 200, () => [random() * 255, random() * 255, random() * 255]);
    const sizes: number[] = [];
    for (const quality of [20, 90, 100]) {
      const file = join(folder, `q${quality}.${format}`);
      await encodeImage(file, rough, { format, quality });
      sizes.push(statSync(file).size);
    }
    expect(sizes[0]).toBeLessThan(sizes[1] / 2);
    expect(sizes[1]).toBeLessThan(sizes[2]);
  });

  test('JPEG with transparency is refused with a way out', async () => {
    await expect(encodeImage(join(folder, 'b.jpg'), image, { format: 'jpeg', alpha })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      hint: expect.stringContaining('png'),
    });
  });

  test('WebP over its 16383 pixels a side is refused', async () => {
    const wide = { data: new Uint8Array(16_384 * 3), width: 16_384, height: 1 };
    await expect(encodeImage(join(folder, 'b.webp'), wide, { format: 'webp' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
    });
  });

  test('nothing is left behind when writing fails, and an old file stays', async () => {
    const file = join(folder, 'old.png');
    await encodeImage(file, image, { format: 'png' });
    const before = readFileSync(file);
    await expect(encodeImage(file, image, { format: 'jpeg', alpha })).rejects.toThrow();
    await expect(encodeImage(join(folder, 'none', 'a.png'), image, { format: 'png' })).rejects.toThrow();
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

test.each(['png', 'webp', 'jpeg'] as const)('encodeMask writes %s', async (format) => {
  const file = join(folder, `mask.${format}`);
  await encodeMask(file, alpha, { format, quality: 95 });
  const { data } = await sharp(file).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  expect(difference(data, alpha.data).mean).toBeLessThan(format === 'png' ? 1e-9 : 2);
  if (format !== 'webp') expect((await sharp(file).metadata()).channels).toBe(1);
});

describe('metadata', () => {
  const exif = { IFD0: { Artist: 'Vitrine', Orientation: '6' }, IFD3: { GPSLatitudeRef: 'N' } };
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6">shop</r></x:xmpmeta>';
  const source = () =>
    sharp(image.data, { raw: { width: 60, height: 40, channels: 3 } })
      .withExif(exif)
      .withXmp(xmp)
      .withMetadata({ density: 300, exif, orientation: 6 });

  test.each(['png', 'webp', 'jpeg'] as const)(
    '%s: dropped unless asked for, upright when kept',
    async (format) => {
      const original = join(folder, `photo.${format}`);
      await source().toFormat(format).toFile(original);
      expect((await sharp(original).metadata()).orientation).toBe(6);
      const { rgb, metadata } = await decode(original);

      const bare = join(folder, `bare.${format}`);
      await encodeImage(bare, rgb, { format });
      expect(await sharp(bare).metadata()).toMatchObject({ width: 40, height: 60 });
      expect((await sharp(bare).metadata()).exif).toBeUndefined();
      expect((await sharp(bare).metadata()).xmp).toBeUndefined();

      const kept = join(folder, `kept.${format}`);
      await encodeImage(kept, rgb, { format, metadata });
      const found = await sharp(kept).metadata();
      expect(found.exif?.toString('latin1')).toContain('Vitrine');
      expect(found.orientation).toBe(1);
      expect(found.xmp?.toString()).toContain('tiff:Orientation="1"');
      if (format !== 'webp') expect(Math.round(found.density ?? 0)).toBe(300);
      expect((await decode(kept)).rgb.data).toEqual((await decode(bare)).rgb.data);
    },
  );

  test.each(['png', 'webp', 'jpeg'] as const)(
    '%s: what is kept tells the truth about the picture that is written',
    async (format) => {
      const camera = {
        IFD0: { Artist: 'Vitrine', ImageWidth: '4000', ImageLength: '3000' },
        IFD2: { PixelXDimension: '4000', PixelYDimension: '3000', ColorSpace: '65535' },
      };
      const words =
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:ImageWidth="4000" tiff:ImageLength="3000" tiff:Orientation="6">' +
        '<exif:PixelXDimension>4000</exif:PixelXDimension><exif:PixelYDimension>3000</exif:PixelYDimension>' +
        '<exif:ColorSpace>65535</exif:ColorSpace></r></x:xmpmeta>';
      const original = join(folder, 'camera.jpg');
      const photo = sharp(image.data, { raw: { width: 60, height: 40, channels: 3 } });
      await photo.withMetadata({ exif: camera, orientation: 6 }).withXmp(words).jpeg().toFile(original);
      const { rgb, metadata } = await decode(original);
      const kept = join(folder, `truth.${format}`);
      await encodeImage(kept, cropTo(rgb, [0, 0, 30, 20]), { format, metadata });
      const found = await sharp(kept).metadata();
      expect([found.width, found.height, found.orientation]).toEqual([30, 20, 1]);
      expect(exifNumbers(found.exif!)).toEqual({
        ImageWidth: 30,
        ImageLength: 20,
        Orientation: 1,
        PixelXDimension: 30,
        PixelYDimension: 20,
        ColorSpace: 1,
      });
      expect(found.xmp?.toString()).toBe(
        words
          .replaceAll('4000', '30')
          .replaceAll('3000', '20')
          .replaceAll('65535', '1')
          .replace('tiff:Orientation="6"', 'tiff:Orientation="1"'),
      );
    },
  );

  test.each(['png', 'webp'] as const)('%s with transparency keeps it beside metadata', async (format) => {
    const original = join(folder, 'photo.jpg');
    await source().jpeg().toFile(original);
    const { metadata } = await decode(original);
    const file = join(folder, `both.${format}`);
    await encodeImage(file, image, { format, alpha, metadata });
    expect((await decode(file)).alpha?.data).toEqual(alpha.data);
    expect((await sharp(file).metadata()).exif?.toString('latin1')).toContain('Vitrine');
  });
});

/** Numbers of an EXIF block, by the names of their tags. */
function exifNumbers(block: Buffer): Record<string, number> {
  const names: Record<number, string> = {
    0x100: 'ImageWidth',
    0x101: 'ImageLength',
    0x112: 'Orientation',
    0xa001: 'ColorSpace',
    0xa002: 'PixelXDimension',
    0xa003: 'PixelYDimension',
  };
  const tiff = block.subarray(block.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
  const little = tiff[0] === 0x49;
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const found: Record<string, number> = {};
  const read = (start: number): void => {
    for (let at = start + 2; at < start + 2 + 12 * short(start); at += 12) {
      const [tag, type] = [short(at), short(at + 2)];
      if (tag === 0x8769) read(long(at + 8));
      if (tag in names) found[names[tag]] = type === 3 ? short(at + 8) : long(at + 8);
    }
  };
  read(long(4));
  return found;
}
