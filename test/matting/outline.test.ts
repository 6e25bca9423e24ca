import type { Alpha, RgbImage } from '../../lib/contracts';
import { resizeAlpha } from '../../lib/image';
import { refineOutline } from '../../lib/matting/combine/outline';
import { RED, disc, grey, noise, paint } from './paint';

const [WIDTH, HEIGHT, SCALE] = [600, 480, 4];

const inside = (x: number, y: number) => disc(x, y, 300, 240, 150);
const photo: RgbImage = paint(WIDTH, HEIGHT, (x, y) =>
  inside(x, y) ? RED : grey(170 + 20 * noise(x / 9, y / 9)),
);

/** The disc as it was found on a picture of a quarter of the size: a pixel off, and in waves. */
async function coarse(): Promise<Alpha> {
  const [width, height] = [WIDTH / SCALE, HEIGHT / SCALE];
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    inside((i % width) * SCALE, Math.floor(i / width) * SCALE + 1) ? 255 : 0,
  );
  return resizeAlpha({ data, width, height }, WIDTH, HEIGHT, 'cubic');
}

/** Mean error of alpha, in pixels to a pixel of the outline. */
function offBy({ data }: Alpha): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const truth = inside(i % WIDTH, Math.floor(i / WIDTH)) ? 255 : 0;
    sum += Math.abs(data[i] - truth) / 255;
  }
  return sum / (2 * Math.PI * 150);
}

test('an outline in waves comes to the edge of the photo, across the borders of tiles', async () => {
  const alpha = await coarse();
  const before = offBy(alpha);
  refineOutline(photo, alpha, SCALE);
  expect(offBy(alpha)).toBeLessThan(0.5 * before);
  const far = alpha.data.filter((value, i) => {
    const away = Math.abs(Math.hypot((i % WIDTH) - 300, Math.floor(i / WIDTH) - 240) - 150);
    return away > 2 * SCALE && value !== 0 && value !== 255;
  });
  expect(far).toHaveLength(0);
});

test('a soft edge stays as it is', async () => {
  const alpha = await coarse();
  const before = alpha.data.slice();
  const [width, height] = [WIDTH / SCALE, HEIGHT / SCALE];
  const share = new Float32Array(width * height).fill(1);
  refineOutline(photo, alpha, SCALE, { share, width, height, scale: SCALE });
  expect(Buffer.from(alpha.data).equals(before)).toBe(true);
});

test('a picture without an outline stays as it is', () => {
  for (const level of [0, 255]) {
    const data = new Uint8Array(WIDTH * HEIGHT).fill(level);
    refineOutline(photo, { data, width: WIDTH, height: HEIGHT }, SCALE);
    expect(data.every((value) => value === level)).toBe(true);
  }
});
