import type { Alpha, RgbImage } from '../../lib/contracts';
import { resizeAlpha } from '../../lib/image';
import { UNSURE, combine, isConfirmed } from '../../lib/matting/combine';
import { RED, disc, grey, noise, paint } from './paint';

type Inside = (x: number, y: number) => boolean;

const SIDE = 320;

function truth({ width, height }: RgbImage, inside: Inside): Alpha {
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    inside(i % width, Math.floor(i / width)) ? 255 : 0,
  );
  return { data, width, height };
}

/** What a network makes of it: coarse, with a soft edge, a little too large. */
async function seen(image: RgbImage, inside: Inside, side = SIDE): Promise<Alpha> {
  const small = await resizeAlpha(truth(image, inside), 40, 40, 'linear');
  const matte = await resizeAlpha(small, side, side, 'cubic');
  return { ...matte, data: matte.data.map((value) => Math.min(255, value * 1.3)) };
}

function error(alpha: Alpha, image: RgbImage, inside: Inside): number {
  const { data } = truth(image, inside);
  return alpha.data.reduce((sum, value, i) => sum + Math.abs(value - data[i]), 0) / 255;
}

const plainShape = (mask: Alpha) => ({ mask, confidence: 1, checkered: false, cut: () => mask });

/** Whether a pixel of a network's matte lies in a part of a picture of 300 x 240 pixels. */
const shadowAt = (i: number, inside: Inside) =>
  inside(((i % SIDE) * 300) / SIDE, (Math.floor(i / SIDE) * 240) / SIDE);

/** On a ground that no plain cutter takes. */
const scene = (width: number, height: number, inside: Inside, product = RED) =>
  paint(width, height, (x, y) => (inside(x, y) ? product : grey(150 + 40 * noise(x / 6, y / 6))));

test.each([
  ['small', 300, 240],
  ['large', 900, 720],
])('the edge of a %s photo is found where the photo has it', async (_, width, height) => {
  const inside: Inside = (x, y) => disc((x * 300) / width, (y * 240) / height);
  const image = scene(width, height, inside);
  const matte = await seen(image, inside);
  const plainly = await resizeAlpha(matte, width, height, 'cubic');
  const { alpha, confidence } = await combine(image, matte);
  expect([alpha.width, alpha.height]).toEqual([width, height]);
  expect(error(alpha, image, inside)).toBeLessThan(0.5 * error(plainly, image, inside));
  expect(confidence).toBeGreaterThan(UNSURE);
});

test('what neither has an edge for is left as the network sees it', async () => {
  const image = paint(300, 240, () => grey(128));
  const matte = await seen(image, disc);
  const { alpha, confidence, doubt } = await combine(image, matte);
  const plainly = await resizeAlpha(matte, 300, 240, 'cubic');
  const changed = alpha.data.filter((value, i) => value > 127 !== plainly.data[i] > 127).length;
  expect(changed).toBeLessThan(0.01 * alpha.data.length);
  expect(confidence).toBeLessThan(UNSURE);
  expect(doubt).toBe('along much of its outline the photo has no edge');
});

test.each([
  ['a haze over the ground', 12, 0],
  ['a ghost in the ground', 100, 0],
  ['a veil over the product', 243, 255],
  ['a thin place in the product', 150, 255],
])('%s is cleared', async (_, level, sure) => {
  const image = scene(300, 240, disc);
  const matte = await seen(image, disc);
  const spot: Inside = sure === 0 ? (x, y) => disc(x, y, 40, 40, 25) : (x, y) => disc(x, y, 150, 120, 30);
  const data = matte.data.map((value, i) => {
    const x = ((i % matte.width) * image.width) / matte.width;
    const y = (Math.floor(i / matte.width) * image.height) / matte.height;
    return spot(x, y) ? level : value;
  });
  const { alpha } = await combine(image, { ...matte, data });
  const inSpot = alpha.data.filter((value, i) => spot(i % 300, Math.floor(i / 300)) && value !== sure);
  expect(inSpot).toHaveLength(0);
});

test('a slanting edge of a large photo has no steps, even where the photo hardly shows it', async () => {
  const edge = (x: number) => 400 + x / 4;
  const below: Inside = (x, y) => y > edge(x);
  const image = paint(1200, 960, (x, y) => grey(below(x, y) ? 148 : 150));
  const { alpha } = await combine(image, await seen(image, below));
  const off = Array.from({ length: 1000 }, (_, n) => {
    const x = n + 100;
    const column = Array.from({ length: 330 }, (__, y) => alpha.data[(390 + y) * 1200 + x] / 255);
    return 720 - column.reduce((sum, value) => sum + value, 0) - edge(x);
  });
  const mean = off.reduce((sum, each) => sum + each, 0) / off.length;
  const variance = off.reduce((sum, each) => sum + (each - mean) ** 2, 0) / off.length;
  expect(Math.sqrt(variance)).toBeLessThan(0.28);
});

describe('with the plain cut', () => {
  const image = paint(300, 240, (x, y) => (disc(x, y) ? RED : grey(240)));
  const plainCut = (inside: Inside) => plainShape(truth(image, inside));

  test('where both see the same, the edge is where the photo has it', async () => {
    const { alpha, confidence } = await combine(image, await seen(image, disc), { plain: plainCut(disc) });
    expect(error(alpha, image, disc)).toBeLessThan(0.25 * 2 * Math.PI * 70);
    expect(confidence).toBeGreaterThan(UNSURE);
  });

  test('a shadow at the foot that only the plain cut takes in is left out', async () => {
    const shadow: Inside = (x, y) => Math.hypot((x - 150) / 16, (y - 190) / 5) < 1;
    const standing = paint(300, 240, (x, y) => (disc(x, y) ? RED : grey(shadow(x, y) ? 120 : 240)));
    const matte = await resizeAlpha(truth(standing, disc), SIDE, SIDE, 'cubic');
    const undecided = {
      ...matte,
      data: matte.data.map((value, i) => Math.max(value, shadowAt(i, shadow) ? 50 : 0)),
    };
    const both: Inside = (x, y) => disc(x, y) || shadow(x, y);
    const { alpha } = await combine(standing, undecided, { plain: plainShape(truth(standing, both)) });
    const below = alpha.data.filter((value, i) => value > 0 && i >= 192 * 300);
    expect(below).toHaveLength(0);
  });

  test('a part that the network is decided about is kept, and the cut is unsure', async () => {
    const torn: Inside = (x, y) => disc(x, y) && y < 130;
    const { alpha, confidence } = await combine(image, await seen(image, disc), { plain: plainCut(torn) });
    expect(error(alpha, image, disc)).toBeLessThan(0.05 * Math.PI * 70 ** 2);
    expect(confidence).toBeLessThan(UNSURE);
  });

  test('a part that the network is undecided about comes from the plain cut', async () => {
    const matte = await seen(image, disc);
    const half = {
      ...matte,
      data: matte.data.map((value, i) => (i > (130 / 240) * matte.data.length ? value * 0.45 : value)),
    };
    const { alpha } = await combine(image, half, { plain: plainCut(disc) });
    expect(error(alpha, image, disc)).toBeLessThan(0.05 * Math.PI * 70 ** 2);
  });

  test('what a thin ring surrounds is open, though the network fills it', async () => {
    const ring: Inside = (x, y) => disc(x, y) && !disc(x, y, 150, 120, 66);
    const chain = paint(300, 240, (x, y) => (ring(x, y) ? RED : grey(240)));
    const { alpha } = await combine(chain, await seen(chain, disc), { plain: plainCut(ring) });
    expect(alpha.data[120 * 300 + 150]).toBe(0);
    expect(error(alpha, chain, ring)).toBeLessThan(0.2 * Math.PI * (70 ** 2 - 66 ** 2));
  });
});

describe('a second look', () => {
  const image = scene(300, 240, disc);
  const cut = (inside: Inside) => plainShape(truth(image, inside));

  test('is worth it unless a plain cut confirms the first', async () => {
    const matte = await seen(image, disc);
    expect(isConfirmed(matte, truth(image, disc))).toBe(true);
    expect(
      isConfirmed(
        matte,
        truth(image, (x, y) => disc(x, y) && y < 130),
      ),
    ).toBe(false);
  });

  test('that shows another product makes the cut unsure; one whose edge moved does not', async () => {
    const matte = await seen(image, disc);
    const moved = await seen(image, (x, y) => disc(x - 3, y));
    expect((await combine(image, matte, { second: moved })).confidence).toBeGreaterThan(UNSURE);
    const elsewhere = await seen(image, (x, y) => disc(x, y, 60, 60, 50));
    const { confidence, doubt } = await combine(image, matte, { second: elsewhere });
    expect(confidence).toBeLessThan(UNSURE);
    expect(doubt).toBe('the network sees another product when it looks again');
  });

  test('that shows another product leaves to the plain cut what the first was decided about', async () => {
    const whole = paint(300, 240, (x, y) => (disc(x, y) ? RED : grey(240)));
    const upper: Inside = (x, y) => disc(x, y) && y < 150;
    const lower: Inside = (x, y) => disc(x, y) && y > 110;
    const [matte, second] = [await seen(whole, upper), await seen(whole, lower)];
    const { alpha } = await combine(whole, matte, { second, plain: cut(disc) });
    expect(error(alpha, whole, disc)).toBeLessThan(0.02 * Math.PI * 70 ** 2);
    const steadily = await combine(whole, matte, { second: matte, plain: cut(disc) });
    expect(error(steadily.alpha, whole, upper)).toBeLessThan(0.05 * Math.PI * 70 ** 2);
  });

  test('mends what the first was undecided about', async () => {
    const matte = await seen(image, disc);
    const half = {
      ...matte,
      data: matte.data.map((value, i) => (i > matte.data.length / 2 ? value * 0.4 : value)),
    };
    const { alpha } = await combine(image, half, { second: matte });
    expect(error(alpha, image, disc)).toBeLessThan(0.05 * Math.PI * 70 ** 2);
  });
});

test('the inside of a product is opaque where the network cannot make it out', async () => {
  // A white pack on white: nothing but its print and a thin outline stand out.
  const pack: Inside = (x, y) => x >= 80 && x < 220 && y >= 30 && y < 210;
  const outline: Inside = (x, y) => pack(x, y) && !(x >= 83 && x < 217 && y >= 33 && y < 207);
  const image = paint(300, 240, (x, y) =>
    outline(x, y) ? grey(170) : pack(x, y) && y < 80 ? RED : grey(250 + noise(x, y)),
  );
  const matte = await seen(image, pack);
  const faint = {
    ...matte,
    data: matte.data.map((value, i) => (i > 0.4 * matte.data.length ? value * 0.58 : value)),
  };
  const { alpha } = await combine(image, faint);
  const inside = alpha.data.filter((_, i) => {
    const [x, y] = [i % 300, Math.floor(i / 300)];
    return x >= 90 && x < 210 && y >= 40 && y < 200;
  });
  expect(inside.filter((value) => value < 250).length).toBeLessThan(0.005 * inside.length);
});
