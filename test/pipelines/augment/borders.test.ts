import sharp from 'sharp';
import type { RgbImage } from '../../../lib/contracts';
import { findBars, findBorder } from '../../../lib/pipelines/augment/borders';
import { packshot } from '../../support/pictures';

const channels = 3;

async function read(picture: sharp.Sharp): Promise<RgbImage> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** A photo as noisy as JPEG leaves it, in which no line is of one colour. */
function scene(width: number, height: number): sharp.Sharp {
  let state = 7;
  const data = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, at) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return 60 + 50 * Math.sin(x / 17) + 40 * Math.cos(y / 11) + (state >> 16) / 800;
    }),
  );
  return sharp(data, { raw: { width, height, channels } });
}

const framed = async (
  photo: sharp.Sharp,
  sides: Partial<Record<'left' | 'top' | 'right' | 'bottom', number>>,
  background: string,
) =>
  read(
    sharp(
      await photo
        .extend({ ...sides, background })
        .jpeg({ quality: 80 })
        .toBuffer(),
    ),
  );

const bars = { top: 30, bottom: 32 };

test.each([
  ['black', bars, '#000000', ['top', 'bottom'], [0, 30, 160, 120]],
  ['white', bars, '#ffffff', ['top', 'bottom'], [0, 30, 160, 120]],
  ['grey', { left: 40, right: 40 }, '#d0d4d8', ['left', 'right'], [40, 0, 160, 120]],
] as const)(
  '%s bars are cut off, JPEG or not',
  async (_, sides, background, found, [x, y, width, height]) => {
    const border = findBorder(await framed(scene(160, 120), sides, background))!;
    expect(border).toMatchObject({ action: 'cropped', sides: found });
    // A line or two beside them may be mixed with them.
    const kept = border.keep;
    [x, y].forEach((at, axis) => expect(kept[axis] - at).toBeLessThanOrEqual(3));
    [x, y].forEach((at, axis) => expect(kept[axis] - at).toBeGreaterThanOrEqual(0));
    [width, height].forEach((side, axis) => expect(side - kept[2 + axis]).toBeLessThanOrEqual(5));
    [width, height].forEach((side, axis) => expect(side - kept[2 + axis]).toBeGreaterThanOrEqual(0));
  },
);

test('a picture without a border has none', async () => {
  expect(findBorder(await read(scene(160, 120)))).toBeNull();
});

test('the white around a product is left alone', async () => {
  expect(findBorder(packshot({ radius: 0.35, ground: [255, 255, 255] }))).toBeNull();
});

test.each([
  ['around it', { left: 30, right: 30, top: 20, bottom: 20 }],
  ['above and below it', { top: 40, bottom: 40 }],
])('a carton is never cut to its edge: white %s', async (_, white) => {
  const carton = sharp({ create: { width: 160, height: 120, channels, background: '#b03040' } });
  expect(findBorder(await framed(carton, white, '#ffffff'))).toBeNull();
});

test('one bar alone may be a wall or a floor', async () => {
  expect(findBorder(await framed(scene(160, 120), { bottom: 60 }, '#000000'))).toBeNull();
});

test('a small product is brought nearer, and a quarter of its size is left around it', async () => {
  const { data, ...size } = packshot({ width: 600, height: 400, radius: 0.15, ground: [255, 255, 255] });
  const picture = sharp(data, { raw: { ...size, channels } });
  const border = findBorder(await read(sharp(await picture.jpeg().toBuffer())))!;
  expect(border).toMatchObject({
    action: 'resized',
    color: '#ffffff',
    sides: ['left', 'top', 'right', 'bottom'],
  });
  const [x, y, width, height] = border.keep;
  expect(width / height).toBeCloseTo(1.5, 1);
  expect(height).toBeGreaterThan(120 * 1.4);
  expect(height).toBeLessThan(120 * 1.8);
  expect(Math.abs(x + width / 2 - 300)).toBeLessThan(6);
  expect(Math.abs(y + height / 2 - 200)).toBeLessThan(6);
});

test('backgrounds lose bars, and keep what is plain', async () => {
  expect(findBars(await framed(scene(160, 120), bars, '#000000'))).not.toBeNull();
  expect(findBars(packshot({ radius: 0.1 }))).toBeNull();
});

test('an empty picture has no border', async () => {
  const plain = sharp({ create: { width: 90, height: 70, channels, background: '#ffffff' } });
  expect(findBorder(await read(plain))).toBeNull();
});
