import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage, encodeImage, encodeMask } from '../../lib/image';
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
