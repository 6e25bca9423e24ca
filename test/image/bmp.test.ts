import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../lib/image';
import { limits, temporaryFolder } from './pictures';

const file = join(temporaryFolder(), 'picture.bmp');
const decode = (bytes: Buffer) => {
  writeFileSync(file, bytes);
  return decodeImage(file, { limits });
};

interface Bmp {
  bits: number;
  width?: number;
  /** Under 0: from the top down. */
  height?: number;
  compression?: number;
  /** Behind the header: masks, or a palette of blue, green, red and nothing. */
  extra?: number[];
  rows: number[];
}

/** With the header of Windows 3. */
function bmp({ bits, width = 2, height = 2, compression = 0, extra = [], rows }: Bmp): Buffer {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + extra.length + rows.length, 2);
  head.writeUInt32LE(54 + extra.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  return Buffer.concat([head, Buffer.from(extra), Buffer.from(rows)]);
}

/** Black, red, green, blue. */
const palette = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];
const masks565 = [0, 0xf8, 0, 0, 0xe0, 7, 0, 0, 0x1f, 0, 0, 0];
/** Red and green above, blue and white or black below; rows begin at the bottom. */
const [RED, GREEN, BLUE, WHITE, BLACK] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
];

test.each<[string, Bmp, number[][]]>([
  [
    '24 bits',
    { bits: 24, rows: [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0] },
    [RED, GREEN, BLUE, WHITE],
  ],
  [
    '24 bits from the top down',
    { bits: 24, height: -2, rows: [0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0] },
    [RED, GREEN, BLUE, WHITE],
  ],
  [
    '32 bits whose fourth byte is nothing',
    { bits: 32, rows: [255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0] },
    [RED, GREEN, BLUE, WHITE],
  ],
  [
    '16 bits, five each',
    { bits: 16, rows: [0x1f, 0, 0xff, 0x7f, 0, 0x7c, 0xe0, 3] },
    [RED, GREEN, BLUE, WHITE],
  ],
  [
    '16 bits with masks',
    { bits: 16, compression: 3, extra: masks565, rows: [0x1f, 0, 0xff, 0xff, 0, 0xf8, 0xe0, 7] },
    [RED, GREEN, BLUE, WHITE],
  ],
  [
    '8 bits with a palette',
    { bits: 8, extra: palette, rows: [3, 0, 0, 0, 1, 2, 0, 0] },
    [RED, GREEN, BLUE, BLACK],
  ],
  [
    '4 bits with a palette',
    { bits: 4, extra: palette, rows: [0x30, 0, 0, 0, 0x12, 0, 0, 0] },
    [RED, GREEN, BLUE, BLACK],
  ],
  [
    '1 bit with a palette',
    { bits: 1, extra: palette.slice(0, 8), rows: [0x40, 0, 0, 0, 0x80, 0, 0, 0] },
    [RED, BLACK, BLACK, RED],
  ],
  [
    '8 bits in runs: of one colour, as they are, a jump',
    { bits: 8, compression: 1, extra: palette, rows: [1, 3, 0, 0, 0, 3, 1, 2, 0, 0, 0, 2, 0, 0, 0, 1] },
    [RED, GREEN, BLUE, BLACK],
  ],
  [
    '4 bits in runs',
    { bits: 4, compression: 2, extra: palette, rows: [2, 0x30, 0, 0, 2, 0x12, 0, 1] },
    [RED, GREEN, BLUE, BLACK],
  ],
])('%s', async (_, picture, colors) => {
  const { rgb, alpha, format, metadata } = await decode(bmp(picture));
  expect([format, alpha, metadata, rgb.width, rgb.height]).toEqual(['bmp', undefined, {}, 2, 2]);
  expect([...rgb.data]).toEqual(colors.flat());
});

test('the fourth byte is alpha where it is used', async () => {
  const rows = [255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 128, 0, 255, 0, 255];
  const { alpha } = await decode(bmp({ bits: 32, rows }));
  expect([...alpha!.data]).toEqual([128, 255, 0, 255]);
});

test('a palette shorter than its pixels ask for gives its first colour', async () => {
  const { rgb } = await decode(bmp({ bits: 8, extra: palette, rows: [9, 9, 0, 0, 1, 2, 0, 0] }));
  expect([...rgb.data]).toEqual([RED, GREEN, BLACK, BLACK].flat());
});

test.each<[string, Bmp, string]>([
  ['rows that end too early', { bits: 24, rows: [1, 2, 3] }, 'INVALID_IMAGE'],
  ['runs that end too early', { bits: 8, compression: 1, extra: palette, rows: [1, 3, 0] }, 'INVALID_IMAGE'],
  ['no width', { bits: 24, width: 0, rows: [] }, 'INVALID_IMAGE'],
  ['a gigantic size', { bits: 24, width: 60_000, height: 60_000, rows: [] }, 'TOO_LARGE'],
  ['a JPEG inside', { bits: 24, compression: 4, rows: [] }, 'UNSUPPORTED_FORMAT'],
  ['seven bits a pixel', { bits: 7, rows: [] }, 'UNSUPPORTED_FORMAT'],
])('%s: refused', async (_, picture, code) => {
  await expect(decode(bmp(picture))).rejects.toMatchObject({ code });
});
