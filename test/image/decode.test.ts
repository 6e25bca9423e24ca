import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../../lib/image';
import { difference, limits, paint, pixel, temporaryFolder } from './pictures';

const tempDir = temporaryFolder();
let count = 0;
const save = (bytes: Buffer | string): string => {
  const file = join(tempDir, `file-${count++}`);
  writeFileSync(file, bytes);
  return file;
};
const decode = (bytes: Buffer | string, options = {}) => decodeImage(save(bytes), { limits, ...options });

/** Red at the top left, green at the top right, blue at the bottom left, grey elsewhere. */
const corners = paint(48, 32, (x, y) =>
  x < 16 && y < 16
    ? [220, 30, 30]
    : x >= 32 && y < 16
      ? [30, 200, 30]
      : x < 16
        ? [30, 30, 220]
        : [128, 128, 128],
);
const from = ({ data, width, height }: { data: Uint8Array; width: number; height: number }) =>
  sharp(data, { raw: { width, height, channels: (data.length / width / height) as 1 | 3 | 4 } });

describe('what comes out of decodeImage', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    '%s: same pixels, its format named',
    async (format) => {
      const bytes = await from(corners).toFormat(format, { quality: 95 }).toBuffer();
      const { rgb, alpha, format: found } = await decode(bytes);
      expect(found).toBe(format);
      expect(alpha).toBeUndefined();
      expect([rgb.width, rgb.height]).toEqual([48, 32]);
      expect(difference(rgb.data, corners.data).mean).toBeLessThan(3);
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i comes out upright', async (orientation) => {
    const undo = {
      1: [0, 0],
      2: [0, 1],
      3: [180, 0],
      4: [180, 1],
      5: [90, 1],
      6: [270, 0],
      7: [270, 1],
      8: [90, 0],
    };
    const [angle, flop] = undo[orientation as 1];
    const turned = await from(corners).rotate(angle).png().toBuffer();
    const stored = await sharp(turned)
      .flop(flop === 1)
      .jpeg({ quality: 100 })
      .withMetadata({ orientation })
      .toBuffer();
    const { rgb } = await decode(stored);
    expect([rgb.width, rgb.height]).toEqual([48, 32]);
    expect(difference(rgb.data, corners.data).mean).toBeLessThan(4);
  });

  test('alpha is returned only where some pixel is not opaque', async () => {
    const opaque = await from(corners).ensureAlpha(1).png().toBuffer();
    expect((await decode(opaque)).alpha).toBeUndefined();
    const sheer = await from(corners).ensureAlpha(0.5).png().toBuffer();
    const { rgb, alpha } = await decode(sheer);
    expect(new Set(alpha?.data)).toEqual(new Set([127]));
    expect(rgb.data).toEqual(corners.data);
  });

  test('colours under partly transparent pixels are not darkened', async () => {
    const rgba = new Uint8Array(64 * 4).map((_, at) => [200, 100, 50, Math.floor(at / 4) * 4][at % 4]);
    const bytes = await from({ data: rgba, width: 8, height: 8 }).png().toBuffer();
    expect(pixel((await decode(bytes)).rgb, 3, 1)).toEqual([200, 100, 50]);
  });

  test('grey, palette, 16-bit and CMYK become 8-bit sRGB', async () => {
    const base = () => from(corners);
    const files = {
      grey: await base().greyscale().png().toBuffer(),
      palette: await base().png({ palette: true }).toBuffer(),
      deep: await base().toColourspace('rgb16').png().toBuffer(),
      cmyk: await base().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    };
    expect((await sharp(files.deep).metadata()).depth).toBe('ushort');
    expect((await sharp(files.cmyk).metadata()).space).toBe('cmyk');
    const [red, green, blue] = pixel((await decode(files.grey)).rgb, 4, 4);
    expect(red === green && green === blue).toBe(true);
    expect(difference((await decode(files.palette)).rgb.data, corners.data).most).toBeLessThanOrEqual(3);
    expect(difference((await decode(files.deep)).rgb.data, corners.data).most).toBeLessThanOrEqual(1);
    // Print inks cannot show every screen colour: near is all there is.
    expect(difference((await decode(files.cmyk)).rgb.data, corners.data).mean).toBeLessThan(25);
  });

  test.each([8, 16])('Display P3 with %i bits is converted to sRGB by its profile', async (bits) => {
    const p3 = await from(corners)
      .toColourspace(bits === 16 ? 'rgb16' : 'srgb')
      .withIccProfile('p3')
      .png()
      .toBuffer();
    expect((await sharp(p3).metadata()).icc).toBeDefined();
    expect(difference((await decode(p3)).rgb.data, corners.data).most).toBeLessThanOrEqual(3);
  });

  test('samples of 32 bits are refused rather than guessed', async () => {
    // An uncompressed little-endian TIFF of one grey pixel with BitsPerSample 32.
    const entries = [
      [256, 3, 1],
      [257, 3, 1],
      [258, 3, 32],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, 122],
      [277, 3, 1],
      [278, 3, 1],
      [279, 4, 4],
    ];
    const bytes = Buffer.alloc(126);
    bytes.write('II*\0', 'latin1');
    bytes.writeUInt32LE(8, 4);
    bytes.writeUInt16LE(entries.length, 8);
    entries.forEach(([tag, type, value], at) => {
      bytes.writeUInt16LE(tag, 10 + at * 12);
      bytes.writeUInt16LE(type, 12 + at * 12);
      bytes.writeUInt32LE(1, 14 + at * 12);
      bytes.writeUInt32LE(value, 18 + at * 12);
    });
    await expect(decode(bytes)).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      hint: expect.stringContaining('16 bits'),
    });
  });

  test('of an animation the first frame is taken', async () => {
    const shades = Buffer.from([...Array(48).fill(255), ...Array(48).fill(0)]);
    const raw = { width: 4, height: 8, channels: 3, pageHeight: 4 } as const;
    const gif = await sharp(shades, { raw }).gif().toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const { rgb } = await decode(gif);
    expect([rgb.width, rgb.height, rgb.data[0]]).toEqual([4, 4, 255]);
  });

  test('an AVIF whose brand is the one of sequences is read too', async () => {
    const bytes = await from(corners).avif({ quality: 90 }).toBuffer();
    bytes.write('avis', 8, 'latin1');
    expect((await decode(bytes)).format).toBe('avif');
  });
});

describe('damage that leaves the pixels whole is forgiven', () => {
  const jpeg = () => from(corners).jpeg({ quality: 95 }).toBuffer();

  test.each([
    ['bytes behind the end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('stray')])],
    [
      'bytes between segments',
      (b: Buffer) => Buffer.concat([b.subarray(0, 20), Buffer.alloc(3), b.subarray(20)]),
    ],
    ['a missing end marker', (bytes: Buffer) => bytes.subarray(0, -2)],
    [
      'a spectral range that sequential pictures do not have',
      (bytes: Buffer) => {
        const odd = Buffer.from(bytes);
        // The last but two bytes of the header of the scan.
        const scan = odd.indexOf('ffda', 0, 'hex');
        odd[scan + odd.readUInt16BE(scan + 2)] = 7;
        return odd;
      },
    ],
  ])('JPEG with %s', async (_, damage) => {
    const bytes = await jpeg();
    const [good, bad] = [await decode(bytes), await decode(damage(bytes))];
    expect(bad.rgb.data).toEqual(good.rgb.data);
  });

  test('many at once: a damaged one is found among sound ones, which are not blamed for it', async () => {
    const sound = await jpeg();
    const cut = Buffer.concat([sound.subarray(0, sound.length - 25), Buffer.from([0xff, 0xd9])]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => decode(index % 3 ? sound : cut)),
    );
    outcomes.forEach((outcome, index) =>
      expect([index, outcome]).toEqual([
        index,
        index % 3
          ? expect.objectContaining({ status: 'fulfilled' })
          : { status: 'rejected', reason: expect.objectContaining({ code: 'INVALID_IMAGE' }) },
      ]),
    );
  });

  test('PNG with a broken text chunk', async () => {
    const bytes = await from(corners).png().toBuffer();
    const chunk = Buffer.from('0000000474455874616263640badc0de', 'hex');
    const { rgb } = await decode(Buffer.concat([bytes.subarray(0, 33), chunk, bytes.subarray(33)]));
    expect(rgb.data).toEqual(corners.data);
  });
});

describe('a picture that is only partly there is an error', () => {
  const noise = paint(200, 200, (x, y) => [(x * 31 + y * 17) % 256, (x * y) % 256, (x ^ y) % 256]);

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s cut in half', async (format) => {
    const bytes = await from(noise).toFormat(format).toBuffer();
    const half = bytes.subarray(0, bytes.length >> 1);
    await expect(decode(half)).rejects.toMatchObject({
      name: 'VitrineError',
      hint: expect.stringMatching(/./),
    });
  });

  test('JPEG whose data ends too early although its end marker is there', async () => {
    const bytes = await from(noise).jpeg().toBuffer();
    const cut = Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.from([0xff, 0xd9])]);
    await expect(decode(cut)).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
  });

  test('the message holds neither paths nor control characters', async () => {
    const bytes = await from(noise).avif().toBuffer();
    const error = await decode(bytes.subarray(0, bytes.length >> 1)).catch((caught: Error) => caught);
    expect((error as Error).message).not.toContain(tempDir);
    expect((error as Error).message).not.toMatch(/[\n\r]/);
  });
});

describe('limits come before decoding', () => {
  test('bytes', async () => {
    const bytes = await from(corners).png().toBuffer();
    await expect(decode(bytes, { limits: { ...limits, maxBytes: bytes.length - 1 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      hint: expect.stringContaining('VITRINE_MAX_IMAGE_MB'),
    });
  });

  test('pixels and sides, as the header announces them', async () => {
    const bytes = await from(corners).png().toBuffer();
    await expect(decode(bytes, { limits: { ...limits, maxPixels: 48 * 32 - 1 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('48 x 32'),
    });
    await expect(decode(bytes, { limits: { ...limits, maxSide: 47 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
    expect((await decode(bytes, { limits: { ...limits, maxPixels: 48 * 32, maxSide: 48 } })).rgb.width).toBe(
      48,
    );
  });

  test('a header that lies about a gigantic picture', async () => {
    const bytes = await from(corners).png().toBuffer();
    bytes.writeUInt32BE(16_000, 16);
    bytes.writeUInt32BE(16_000, 20);
    await expect(decode(bytes)).rejects.toMatchObject({ name: 'VitrineError' });
  });
});

describe('what is no picture is named', () => {
  test.each([
    ['a web page', '<!DOCTYPE html><html><body>Not found</body></html>', /web page/],
    ['JSON', '{"error":"denied"}', /JSON/],
    ['text', 'hello', /plain text/],
    ['PDF', '%PDF-1.7\n%âãÏÓ', /PDF/],
    ['a video', Buffer.from('000000186674797069736f6d0000020069736f6d6d703432', 'hex'), /video/],
    ['an archive', Buffer.from('504b030414000000', 'hex'), /archive/],
    ['noise', Buffer.from('00010203fefdfcfb', 'hex'), /no picture format/],
  ])('%s', async (_, bytes, message) => {
    await expect(decode(bytes)).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  test('an empty file, a folder, a missing file', async () => {
    await expect(decode('')).rejects.toMatchObject({ code: 'INVALID_IMAGE', message: 'The file is empty' });
    const folder = join(tempDir, 'folder');
    mkdirSync(folder);
    await expect(decodeImage(folder, { limits })).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
    await expect(decodeImage(join(tempDir, 'none'), { limits })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

test('a cancelled job decodes nothing', async () => {
  const bytes = await from(corners).png().toBuffer();
  await expect(decode(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});
