import type { Alpha, BoundingBox } from '../../lib/contracts';
import {
  boundingBox,
  cropTo,
  flatten,
  placeOnSquare,
  resizeAlpha,
  resizePart,
  resizeRgb,
  softenBackdrop,
} from '../../lib/image';
import { difference, matte, paint, pixel, randomNumbers } from './pictures';

describe('flatten', () => {
  test('mixes by alpha', () => {
    const image = paint(3, 1, () => [200, 100, 0]);
    const flat = flatten(image, { data: Uint8Array.of(255, 0, 51), width: 3, height: 1 }, [0, 50, 255]);
    expect([0, 1, 2].map((x) => pixel(flat, x, 0))).toEqual([
      [200, 100, 0],
      [0, 50, 255],
      [40, 60, 204],
    ]);
  });
});

describe('cropTo', () => {
  const image = paint(10, 8, (x, y) => [x, y, 0]);

  test('cuts pictures and mattes', () => {
    const part = cropTo(image, [2, 3, 4, 2]);
    expect([part.width, part.height, pixel(part, 0, 0), pixel(part, 3, 1)]).toEqual([
      4,
      2,
      [2, 3, 0],
      [5, 4, 0],
    ]);
    const mask = cropTo(
      matte(10, 8, (x, y) => x * 10 + y),
      [9, 7, 1, 1],
    );
    expect([...mask.data]).toEqual([97]);
  });

  test('leaves out what lies outside', () => {
    const part = cropTo(image, [-2, -3, 5, 5]);
    expect([part.width, part.height, pixel(part, 0, 0)]).toEqual([3, 2, [0, 0, 0]]);
    expect(() => cropTo(image, [20, 0, 2, 2])).toThrow(RangeError);
  });
});

describe('placeOnSquare', () => {
  const alpha = matte(120, 90, (x, y) => (x >= 70 && x < 110 && y >= 10 && y < 30 ? 255 : 0));
  const image = paint(120, 90, (x, y) => (alpha.data[y * 120 + x] ? [220, 40, 40] : [0, 255, 0]));
  const box = boundingBox(alpha) ?? [0, 0, 1, 1];

  test.each([
    [100, 0, [0, 25, 100, 50]],
    [100, 25, [17, 33, 67, 33]],
    [30, 10, [3, 9, 25, 13]],
  ])('size %i with padding %i puts the product at %j', async (size, padding, expected) => {
    const placed = await placeOnSquare(image, alpha, { size, box, padding });
    expect([placed.image.width, placed.image.height]).toEqual([size, size]);
    const found = boundingBox(placed.alpha, 127) ?? [0, 0, 0, 0];
    found.forEach((value, at) => expect(Math.abs(value - expected[at])).toBeLessThanOrEqual(1));
    const [x, y, width, height] = found;
    expect(Math.abs(2 * x + width - size)).toBeLessThanOrEqual(1);
    expect(Math.abs(2 * y + height - size)).toBeLessThanOrEqual(1);
  });

  test('no backdrop colour bleeds into the edge', async () => {
    const placed = await placeOnSquare(image, alpha, { size: 333, box, padding: 20 });
    for (let at = 0; at < placed.alpha.data.length; at++) {
      // Where alpha is next to nothing, its 8 bits leave no room for exact colour.
      if (placed.alpha.data[at] < 16) continue;
      const [red, green] = placed.image.data.subarray(at * 3, at * 3 + 2);
      if (green > 60 || red < 200) throw new Error(`Backdrop colour ${red},${green} at ${at}`);
    }
    expect(boundingBox(placed.alpha)).toBeDefined();
  });

  test('a box at the border works, and so does a product of one pixel', async () => {
    const corner = matte(50, 40, (x, y) => (x < 10 && y < 30 ? 255 : 0));
    const placed = await placeOnSquare(
      paint(50, 40, () => [9, 9, 9]),
      corner,
      { size: 64, box: [0, 0, 10, 30], padding: 0 },
    );
    expect(boundingBox(placed.alpha, 127)).toEqual([21, 0, 22, 64]);
    const dot = matte(50, 40, (x, y) => (x === 3 && y === 3 ? 255 : 0));
    const large = await placeOnSquare(
      paint(50, 40, () => [9, 9, 9]),
      dot,
      { size: 16, box: [3, 3, 1, 1], padding: 0 },
    );
    expect(large.alpha.data[8 * 16 + 8]).toBe(255);
  });
});

describe('softenBackdrop', () => {
  const random = randomNumbers();
  const shade = Uint8Array.from({ length: 600 * 400 }, () => 90 + random() * 60);
  const alpha = matte(600, 400, (x, y) => ((x - 300) ** 2 + (y - 200) ** 2 < 100 ** 2 ? 255 : 0));
  const image = paint(600, 400, (x, y) =>
    alpha.data[y * 600 + x] ? [255, 0, 0] : [shade[y * 600 + x], 120, 120],
  );
  const soft = softenBackdrop(image, alpha);

  test('leaves the product exactly as it was', () => {
    const inside = (data: Uint8Array) => data.filter((_, at) => alpha.data[Math.floor(at / 3)] === 255);
    expect(Buffer.from(inside(soft.data)).equals(Buffer.from(inside(image.data)))).toBe(true);
  });

  test('blurs and slightly lightens the rest', () => {
    const spread = (picture: typeof image) => {
      const row = Array.from({ length: 150 }, (_, x) => pixel(picture, x, 30)[0]);
      return Math.max(...row) - Math.min(...row);
    };
    expect(spread(image)).toBeGreaterThan(50);
    expect(spread(soft)).toBeLessThan(8);
    expect(pixel(soft, 20, 20)[0]).toBeGreaterThan(120);
    expect(pixel(soft, 20, 20)[0]).toBeLessThan(150);
  });

  test('takes no product colour into the backdrop', () => {
    const [red, green] = pixel(soft, 300 + 102, 200);
    expect(red).toBeLessThan(150);
    expect(green).toBeGreaterThan(115);
  });

  test('a picture that is all product, or all backdrop, works', () => {
    expect(
      softenBackdrop(
        image,
        matte(600, 400, () => 255),
      ).data,
    ).toEqual(image.data);
    const flat = softenBackdrop(
      paint(50, 40, () => [100, 100, 100]),
      matte(50, 40, () => 0),
    );
    expect(new Set(flat.data).size).toBe(1);
  });

  test('a sheer product shows a backdrop of its surroundings’ colour', () => {
    const sheer = softenBackdrop(
      image,
      matte(600, 400, (x, y) => (alpha.data[y * 600 + x] ? 128 : 0)),
    );
    const [red, green] = pixel(sheer, 300, 200);
    expect(Math.abs(red - (255 * 128 + 133 * 127) / 255)).toBeLessThan(8);
    expect(Math.abs(green - (133 * 127) / 255)).toBeLessThan(8);
  });
});

describe('resize', () => {
  test('keeps three channels and one channel', async () => {
    const image = await resizeRgb(
      paint(20, 10, () => [10, 20, 30]),
      7,
      9,
    );
    expect([image.data.length, pixel(image, 3, 3)]).toEqual([7 * 9 * 3, [10, 20, 30]]);
    const alpha = await resizeAlpha(
      matte(20, 10, () => 77),
      7,
      9,
    );
    expect([alpha.data.length, new Set(alpha.data)]).toEqual([63, new Set([77])]);
  });

  test.each<[BoundingBox, number, number]>([
    [[7, 5, 60, 40], 20, 15],
    [[7, 5, 20, 40], 31, 15],
    [[7, 5, 20, 15], 20, 15],
    [[0, 5, 90, 31], 33, 40],
    [[0, 0, 90, 70], 45, 35],
  ])('a part %j at %d x %d is as if it had been cut out before', async (part, width, height) => {
    const image = paint(90, 70, (x, y) => [(x * 7919) % 256, (y * 104729) % 256, (x * y) % 256]);
    expect(await resizePart(image, part, width, height)).toEqual(
      await resizeRgb(cropTo(image, part), width, height),
    );
  });

  test('nearest keeps values as they are', async () => {
    const alpha = await resizeAlpha(
      matte(4, 4, (x) => (x < 2 ? 0 : 255)),
      16,
      16,
      'nearest',
    );
    expect(new Set(alpha.data)).toEqual(new Set([0, 255]));
  });

  test('enlarges a matte with flat areas as the cubic kernel says, everywhere', async () => {
    const noise = randomNumbers();
    const small = matte(150, 140, (x, y) => {
      if (x > 100 && y < 20) return Math.floor(256 * noise());
      return Math.max(0, Math.min(255, 127 + 40 * (45 - Math.sqrt((x - 70) ** 2 + (y - 75) ** 2))));
    });
    const large = await resizeAlpha(small, 401, 367, 'cubic');
    // Ours is rounded twice, after the rows and after the columns.
    expect(difference(large.data, enlarged(small, 401, 367)).most).toBeLessThan(1.2);
  });
});

/** Keys' cubic convolution, straight from its formula. */
function enlarged({ data, width, height }: Alpha, toWidth: number, toHeight: number): number[] {
  const kernel = (d: number) => {
    if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const line = (from: number, to: number, place: number, value: (at: number) => number) => {
    const center = ((place + 0.5) * from) / to - 0.5;
    let [sum, total] = [0, 0];
    for (
      let at = Math.max(0, Math.floor(center) - 1);
      at <= Math.min(from - 1, Math.floor(center) + 2);
      at++
    ) {
      const weight = kernel(Math.abs(at - center));
      sum += weight * value(at);
      total += weight;
    }
    return Math.max(0, Math.min(255, sum / total));
  };
  const wide = Array.from({ length: height * toWidth }, (_, i) => {
    const row = Math.floor(i / toWidth) * width;
    return line(width, toWidth, i % toWidth, (x) => data[row + x]);
  });
  return Array.from({ length: toWidth * toHeight }, (_, i) =>
    line(height, toHeight, Math.floor(i / toWidth), (y) => wide[y * toWidth + (i % toWidth)]),
  );
}
