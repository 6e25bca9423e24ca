import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodeImage } from '../../lib/image';
import { difference, limits, paint, pixel, temporaryFolder } from './pictures';
import { pngChunk } from './png-file';

const folder = temporaryFolder();
let count = 0;
const decode = (bytes: Buffer) => {
  const file = join(folder, `file-${count++}`);
  writeFileSync(file, bytes);
  return decodeImage(file, { limits });
};

const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32BE(value, 4 * at));
  return bytes;
};
const gAMA = (gamma: number) => pngChunk('gAMA', u32(Math.round(gamma * 100_000)));
const cHRM = (...points: number[]) =>
  pngChunk('cHRM', u32(...points.map((value) => Math.round(value * 100_000))));
const cICP = (primaries: number, transfer: number) =>
  pngChunk('cICP', Buffer.from([primaries, transfer, 0, 1]));
const sRGB = pngChunk('sRGB', Buffer.from([0]));
const P3 = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];

/** Puts chunks behind the header. */
const withChunks = (png: Buffer, ...chunks: Buffer[]) =>
  Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
const pngOf = (...colors: number[][]) =>
  sharp(Uint8Array.from(colors.flat()), { raw: { width: colors.length, height: 1, channels: 3 } })
    .png()
    .toBuffer();
const toSrgb = (light: number) =>
  Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055));

describe('what a PNG says of its colours besides a profile', () => {
  const greys = [0, 20, 64, 128, 200, 255];
  const ramp = () => pngOf(...greys.map((grey) => [grey, grey, grey]));
  const decodeRamp = async (...chunks: Buffer[]) => {
    const { rgb } = await decode(withChunks(await ramp(), ...chunks));
    return greys.map((_, x) => pixel(rgb, x, 0)[1]);
  };

  test.each([1, 1 / 1.8, 1 / 2.6])('gAMA of %f is followed', async (gamma) => {
    const expected = greys.map((grey) => toSrgb((grey / 255) ** (1 / gamma)));
    expect(difference(await decodeRamp(gAMA(gamma)), expected).most).toBeLessThanOrEqual(1);
  });

  test.each([
    ['the gAMA that sRGB files carry', [gAMA(0.45455)]],
    ['sRGB beside a gAMA', [sRGB, gAMA(1)]],
    ['a gAMA of 0', [gAMA(0)]],
    ['primaries of sRGB', [cHRM(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)]],
    ['primaries that make no sense', [cHRM(0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0)]],
    ['cICP of sRGB beside a gAMA', [cICP(1, 13), gAMA(1)]],
    ['cICP that says nothing', [cICP(2, 2)]],
  ])('%s changes nothing', async (_, chunks) => {
    expect(await decodeRamp(...chunks)).toEqual(greys);
  });

  test.each([
    ['cICP of linear light', cICP(1, 8), 1],
    ['cICP with a gamma of 2.2', cICP(1, 4), 2.2],
  ])('%s is followed', async (_, chunk, exponent) => {
    const expected = greys.map((grey) => toSrgb((grey / 255) ** exponent));
    expect(difference(await decodeRamp(chunk), expected).most).toBeLessThanOrEqual(1);
  });

  test('cICP outranks a profile, and a profile outranks gAMA', async () => {
    const p3 = await sharp(await ramp())
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { rgb } = await decode(withChunks(p3, cICP(1, 8)));
    expect(pixel(rgb, 3, 0)[0]).toBeCloseTo(toSrgb(128 / 255), -0.5);
    expect(pixel((await decode(withChunks(p3, gAMA(1)))).rgb, 3, 0)[0]).toBe(128);
  });

  /** Numbers of Pillow's littleCMS for Display P3 to sRGB. */
  const shades = [
    [200, 100, 50],
    [60, 180, 90],
    [40, 90, 200],
  ];
  const inSrgb = [
    [215, 93, 31],
    [0, 183, 78],
    [10, 91, 207],
  ];

  test.each([
    ['cICP', () => [cICP(12, 13)]],
    ['cHRM', () => [cHRM(...P3)]],
  ])('Display P3 by %s', async (_, chunks) => {
    const { rgb } = await decode(withChunks(await pngOf(...shades), ...chunks()));
    expect(difference(rgb.data, inSrgb.flat()).most).toBeLessThanOrEqual(2);
  });

  test.each([
    ['PQ', 16, 0.58],
    ['HLG', 18, 0.75],
  ])(
    'HDR by %s: a white page is bright, the brightest point is white, nothing is cut off',
    async (_, transfer, page) => {
      const white = Math.round(255 * page);
      const { rgb } = await decode(
        withChunks(await pngOf([0, 0, 0], [white, white, white], [255, 255, 255]), cICP(9, transfer)),
      );
      expect(pixel(rgb, 0, 0)).toEqual([0, 0, 0]);
      expect(pixel(rgb, 1, 0)[0]).toBeGreaterThan(170);
      expect(pixel(rgb, 1, 0)[0]).toBeLessThan(215);
      expect(pixel(rgb, 2, 0)[0]).toBeGreaterThan(250);
    },
  );

  test('grey, palette, 16 bits and alpha follow gAMA too', async () => {
    const source = sharp(await ramp());
    const files = [
      await source.clone().toColourspace('b-w').png().toBuffer(),
      await source.clone().png({ palette: true }).toBuffer(),
      await source.clone().toColourspace('rgb16').png().toBuffer(),
      await source.clone().toColourspace('grey16').png().toBuffer(),
      await source.clone().ensureAlpha(0.5).png().toBuffer(),
    ];
    const expected = greys.map((grey) => toSrgb(grey / 255));
    for (const file of files) {
      const { rgb, alpha } = await decode(withChunks(file, gAMA(1)));
      const found = greys.map((_, x) => pixel(rgb, x, 0)[1]);
      expect(difference(found, expected).most).toBeLessThanOrEqual(1);
      expect(alpha?.data[0]).toBe(file === files[4] ? 127 : undefined);
    }
  });
});

describe('grey with a profile', () => {
  /** A grey profile with a gamma of 1.8. */
  const profile = (() => {
    const curve = Buffer.concat([
      Buffer.from('curv\0\0\0\0', 'latin1'),
      u32(1),
      Buffer.from([0x01, 0xcd, 0, 0]),
    ]);
    const white = Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), u32(0xf6d6, 0x10000, 0xd32d)]);
    const text = Buffer.from('text\0\0\0\0none', 'latin1');
    const head = Buffer.alloc(128);
    const size = 128 + 4 + 36 + 16 + 20 + 12;
    head.writeUInt32BE(size, 0);
    head.writeUInt32BE(0x02400000, 8);
    head.write('mntrGRAYXYZ ', 12, 'latin1');
    head.write('acsp', 36, 'latin1');
    white.copy(head, 68, 8);
    const entry = (name: string, at: number, length: number) =>
      Buffer.concat([Buffer.from(name, 'latin1'), u32(at, length)]);
    const tags = [entry('kTRC', 168, 14), entry('wtpt', 184, 20), entry('cprt', 204, 12)];
    return Buffer.concat([head, u32(3), ...tags, curve, white, text]);
  })();

  test('16 bits are what 8 bits are', async () => {
    const values = Uint8Array.from({ length: 256 }, (_, at) => at);
    const grey = sharp(values, { raw: { width: 16, height: 16, channels: 1 } });
    const shallow = await grey.clone().toColourspace('b-w').png().toBuffer();
    const deep = await grey.clone().toColourspace('grey16').png().toBuffer();
    const iccp = pngChunk('iCCP', Buffer.concat([Buffer.from('grey\0\0', 'latin1'), deflateSync(profile)]));
    expect((await sharp(withChunks(deep, iccp)).metadata()).space).toBe('grey16');
    const [eight, sixteen] = [await decode(withChunks(shallow, iccp)), await decode(withChunks(deep, iccp))];
    expect(Math.abs(eight.rgb.data[3 * 128] - 128)).toBeGreaterThan(5);
    expect(difference(sixteen.rgb.data, eight.rgb.data).most).toBeLessThanOrEqual(2);
  });
});

describe('Lab', () => {
  /** A TIFF of one pixel with three samples. */
  function tiff(photometric: number, bits: number): Buffer {
    const entries = [
      [256, 3, 1, 1],
      [257, 3, 1, 1],
      [258, 3, 3, 140],
      [259, 3, 1, 1],
      [262, 3, 1, photometric],
      [273, 4, 1, 146],
      [277, 3, 1, 3],
      [278, 3, 1, 1],
      [279, 4, 1, (bits / 8) * 3],
    ];
    const bytes = Buffer.alloc(152);
    bytes.write('II*\0', 'latin1');
    bytes.writeUInt32LE(8, 4);
    bytes.writeUInt16LE(entries.length, 8);
    entries.forEach(([tag, type, length, value], at) => {
      bytes.writeUInt16LE(tag, 10 + at * 12);
      bytes.writeUInt16LE(type, 12 + at * 12);
      bytes.writeUInt32LE(length, 14 + at * 12);
      bytes.writeUInt32LE(value, 18 + at * 12);
    });
    for (let at = 0; at < 3; at++) bytes.writeUInt16LE(bits, 140 + 2 * at);
    // Half of all lightness, no colour.
    bytes.set(bits === 8 ? [128, 0, 0] : [0, 128, 0, 0, 0, 0], 146);
    return bytes;
  }

  test.each([8, 9, 10])('with 8 bits is named (photometric interpretation %i)', async (photometric) => {
    await expect(decode(tiff(photometric, 8))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringContaining('Lab'),
      hint: expect.stringContaining('RGB'),
    });
  });

  test('with 16 bits is read', async () => {
    const [red, green, blue] = pixel((await decode(tiff(8, 16))).rgb, 0, 0);
    expect([red, green, blue].every((value) => Math.abs(value - 119) < 3)).toBe(true);
  });

  test('damage is not blamed on it', async () => {
    await expect(decode(tiff(8, 16).subarray(0, 148))).rejects.toMatchObject({ code: 'INVALID_IMAGE' });
  });
});

test('a picture of colours without any description is as it is', async () => {
  const colors = paint(9, 9, (x, y) => [x * 28, y * 28, 99]);
  const bytes = await sharp(colors.data, { raw: { width: 9, height: 9, channels: 3 } })
    .png()
    .toBuffer();
  expect((await decode(bytes)).rgb.data).toEqual(colors.data);
});
