import sharp from 'sharp';
import { cutPlain } from '../../lib/matting/plain';
import type { RgbImage, VitrineError } from '../../lib/contracts';
import { RED, disc, grey, noise, paint, type Colour, type Paint } from './paint';

function failure(image: RgbImage): VitrineError {
  try {
    cutPlain(image);
  } catch (error) {
    return error as VitrineError;
  }
  throw new Error('The picture was accepted');
}

/** Intersection over union of the cut at half alpha. */
function iou(image: RgbImage, inside: (x: number, y: number) => boolean): number {
  const { alpha } = cutPlain(image);
  let both = 0;
  let either = 0;
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const own = alpha.data[y * image.width + x] > 127;
      const theirs = inside(x, y);
      if (own && theirs) both++;
      if (own || theirs) either++;
    }
  }
  return both / either;
}

describe('cutPlain', () => {
  it('cuts a disc on white: hard inside and outside, soft along the edge', () => {
    const image = paint(300, 240, (x, y) => (disc(x, y) ? RED : grey(255)));
    const { alpha, confidence } = cutPlain(image);
    expect([alpha.width, alpha.height, alpha.data.length]).toEqual([300, 240, 300 * 240]);
    expect(confidence).toBeGreaterThan(0.8);
    let worst = 0;
    let stray = 0;
    for (let y = 0; y < 240; y++) {
      for (let x = 0; x < 300; x++) {
        const radius = Math.hypot(x - 150, y - 120);
        const value = alpha.data[y * 300 + x];
        if (radius > 73) stray += value;
        else if (radius < 67) stray += 255 - value;
        else worst = Math.max(worst, Math.abs(value / 255 - Math.min(1, Math.max(0, 70.5 - radius))));
      }
    }
    expect(stray).toBe(0);
    expect(worst).toBeLessThan(0.35);
    expect(alpha.data.some((value) => value > 60 && value < 195)).toBe(true);
  });

  it.each<[string, Paint]>([
    ['an even grey', () => grey(120)],
    ['near black', () => grey(14)],
    ['a coloured paper', () => [90, 150, 200]],
    ['a slope of light', (x, y) => grey(230 - x / 4 - y / 6)],
    ['a vignette', (x, y) => grey(235 - Math.hypot(x - 150, y - 120) ** 2 / 700)],
    ['a sweep with a soft horizon', (_, y) => grey(200 + 40 / (1 + Math.exp((150 - y) / 12)))],
    ['a camera with noise', (x, y) => grey(200 + 3 * noise(x, y))],
  ])('takes %s for plain', (_, ground) => {
    const image = paint(300, 240, (x, y) => (disc(x, y) ? [250, 190, 20] : ground(x, y)));
    expect(iou(image, disc)).toBeGreaterThan(0.98);
  });

  it('opens a window onto the backdrop, and keeps a label that is not of its colour', () => {
    const ring = (x: number, y: number) => disc(x, y) && !disc(x, y, 150, 120, 30);
    const slope = (x: number) => grey(225 - x / 10);
    expect(
      iou(
        paint(300, 240, (x, y) => (ring(x, y) ? RED : slope(x))),
        ring,
      ),
    ).toBeGreaterThan(0.97);
    const label = (x: number, y: number) =>
      disc(x, y, 150, 120, 30) ? grey(244) : disc(x, y) ? RED : slope(x);
    expect(iou(paint(300, 240, label), disc)).toBeGreaterThan(0.98);
  });

  it('leaves a soft shadow behind, under a coloured and under a grey product', () => {
    const shadow = (x: number, y: number) =>
      1 - 0.4 * Math.exp(-(((x - 165) / 80) ** 2) - ((y - 192) / 16) ** 2);
    for (const product of [RED, grey(95)]) {
      const image = paint(300, 240, (x, y) => (disc(x, y) ? product : grey(235 * shadow(x, y))));
      expect(iou(image, disc)).toBeGreaterThan(0.97);
    }
  });

  it('leaves behind a shadow that takes on more of a strongly coloured backdrop', () => {
    const shadow = (x: number, y: number) =>
      1 - 0.4 * Math.exp(-(((x - 165) / 80) ** 2) - ((y - 192) / 16) ** 2);
    const sweep = (light: number): Colour => [245 * light ** 0.85, 195 * light ** 1.15, 70 * light];
    const image = paint(300, 240, (x, y) => (disc(x, y) ? [50, 55, 90] : sweep(shadow(x, y))));
    expect(iou(image, disc)).toBeGreaterThan(0.97);
  });

  it('keeps a white product whole on white', () => {
    const body = (x: number, y: number) => grey(232 - 5 * Math.cos(x / 9) - (x - 150) / 20 - (y - 120) / 30);
    const image = paint(300, 240, (x, y) => (disc(x, y) ? body(x, y) : grey(250)));
    expect(iou(image, disc)).toBeGreaterThan(0.95);
  });

  it('sees through the checkerboard of a fake transparency, also behind a light product', () => {
    const checker = (x: number, y: number) =>
      grey((Math.floor((x + 0.5) / 12) + Math.floor((y + 0.5) / 12)) % 2 ? 255 : 238);
    for (const product of [RED, grey(228)]) {
      const image = paint(300, 240, (x, y) => (disc(x, y) ? product : checker(x, y)));
      expect(iou(image, disc)).toBeGreaterThan(0.9);
    }
  });

  it('takes a product that the picture cuts off at the bottom', () => {
    const bust = (x: number, y: number) => disc(x, y, 150, 210, 90);
    expect(
      iou(
        paint(300, 240, (x, y) => (bust(x, y) ? RED : grey(230))),
        bust,
      ),
    ).toBeGreaterThan(0.98);
  });

  it('drops specks of dust and keeps a second product', () => {
    const two = (x: number, y: number) => disc(x, y, 90, 120, 50) || disc(x, y, 220, 130, 40);
    const dust = (x: number, y: number) => disc(x, y, 30, 30, 2) || disc(x, y, 270, 40, 1.5);
    const image = paint(300, 240, (x, y) => (two(x, y) ? RED : dust(x, y) ? grey(60) : grey(240)));
    const { alpha } = cutPlain(image);
    expect(alpha.data[30 * 300 + 30]).toBe(0);
    expect(iou(image, two)).toBeGreaterThan(0.98);
  });

  it('works on the photo itself when that is larger than the working size', () => {
    const large = (x: number, y: number) => disc(x, y, 900, 700, 400);
    const image = paint(1800, 1300, (x, y) => (large(x, y) ? RED : grey(230 - x / 60)));
    const { alpha } = cutPlain(image);
    let off = 0;
    for (let x = 1290; x < 1310; x++)
      off += Math.abs(alpha.data[700 * 1800 + x] / 255 - Math.min(1, Math.max(0, 1300.5 - x)));
    expect(off).toBeLessThan(1.2);
  });

  it('refuses clutter and says what it measured', () => {
    const scene = failure(
      paint(300, 240, (x, y) => [128 + 100 * noise(x / 9, y / 7), 128 + 90 * noise(x / 13, y), 90]),
    );
    expect(scene.code).toBe('CLUTTERED_BACKGROUND');
    expect(scene.message).toMatch(/rim.*\d/);
    expect(scene.hint).toContain('model');
    const horizon = failure(
      paint(300, 240, (x, y) => (y < 110 + 10 * Math.sin(x / 20) ? [120, 160, 220] : [70, 110, 50])),
    );
    expect(horizon.code).toBe('CLUTTERED_BACKGROUND');
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 5],
    [300, 240],
    [5000, 10],
    [1, 900],
  ])('finds no subject in one even colour of %i x %i pixels', (width, height) => {
    expect(failure({ data: new Uint8Array(width * height * 3).fill(200), width, height }).code).toBe(
      'NO_SUBJECT',
    );
  });

  it('finds no subject on an empty sweep with noise', () => {
    expect(failure(paint(300, 240, (x, y) => grey(220 - y / 8 + 2 * noise(x, y)))).code).toBe('NO_SUBJECT');
  });

  it.each([
    [5000, 10, 2400, 2600],
    [4000, 60, 1000, 1500],
  ])('copes with a strip of %i x %i pixels', (width, height, from, to) => {
    const inside = (x: number, y: number) => x >= from && x < to && y >= 3 && y < height - 3;
    expect(
      iou(
        paint(width, height, (x, y) => (inside(x, y) ? RED : grey(240))),
        inside,
      ),
    ).toBeGreaterThan(0.9);
  });

  it('gives the same answer twice and leaves its input alone', () => {
    const image = paint(120, 100, (x, y) => (disc(x, y, 60, 50, 25) ? RED : grey(220)));
    const before = image.data.slice();
    expect(cutPlain(image)).toEqual(cutPlain(image));
    expect(image.data).toEqual(before);
  });

  it('stops when aborted', () => {
    const image = paint(120, 100, (x, y) => (disc(x, y, 60, 50, 25) ? RED : grey(220)));
    expect(() => cutPlain(image, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'CANCELLED' }),
    );
  });
});

test('the ripples that JPEG puts around strong edges are no part of the product', async () => {
  const [width, height, radius] = [320, 240, 72];
  const distance = (x: number, y: number) => Math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2) - radius;
  const disc = paint(width, height, (x, y) => (distance(x, y) < 0 ? [200, 30, 40] : [244, 243, 241]));
  const jpeg = await sharp(disc.data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
  const data = new Uint8Array(await sharp(jpeg).removeAlpha().raw().toBuffer());
  const { alpha } = cutPlain({ data, width, height });
  let strongest = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      if (distance(x, y) > 4) strongest = Math.max(strongest, alpha.data[y * width + x]);
  }
  expect(strongest).toBeLessThan(32);
});

test('between the hairs of a furry product, the backdrop is gone', () => {
  const [width, height, radius] = [280, 260, 70];
  const ground: Colour = [160, 185, 200];
  const fur = (x: number, y: number) => {
    const away = Math.hypot(x - width / 2, y - height / 2);
    const strand = Math.atan2(y - height / 2, x - width / 2) * 55;
    const length = 14 + 8 * noise(Math.round(strand), 3);
    return away < radius + length * (1 - 2.6 * Math.abs(strand - Math.round(strand)));
  };
  const brown = (x: number, y: number): Colour => [
    180 + 20 * noise(x / 5, y / 3),
    110 + 15 * noise(x / 5, y / 3),
    50,
  ];
  const image = paint(width, height, (x, y) => (fur(x, y) ? brown(x, y) : ground));
  const truth = paint(width, height, (x, y) => (fur(x, y) ? grey(255) : grey(0)));
  const { alpha } = cutPlain(image);
  let [gaps, gapAlpha, hairs, hairAlpha] = [0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const away = Math.hypot(x - width / 2, y - height / 2);
      if (away < radius - 4 || away > radius + 10) continue;
      if (truth.data[i * 3] < 40) [gaps, gapAlpha] = [gaps + 1, gapAlpha + alpha.data[i]];
      if (truth.data[i * 3] > 230) [hairs, hairAlpha] = [hairs + 1, hairAlpha + alpha.data[i]];
    }
  }
  expect(gapAlpha / gaps).toBeLessThan(40);
  expect(hairAlpha / hairs).toBeGreaterThan(215);
});
