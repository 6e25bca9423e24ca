import type { Alpha, RgbImage } from '../../lib/contracts';
import { enclosedGround } from '../../lib/matting';

const [WIDTH, HEIGHT] = [400, 300];

type Color = [number, number, number];
const BLUE: Color = [60, 70, 110];

/** A disc of radius 120 in the middle, with a place of radius 30 in it, on ground with grain. */
function ring({ ground, place, grain = 3, cut = false }: RingOptions): { image: RgbImage; alpha: Alpha } {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const alpha = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i++) {
      const distance = Math.hypot(x - 200, y - 150);
      const inside = distance < 120;
      const hole = distance < 30;
      alpha[i] = inside && !(hole && cut) ? 255 : 0;
      const shade = Math.sin(12.9898 * x + 78.233 * y) * grain;
      const color = hole ? place(x, y) : inside ? BLUE : ground(x, y);
      for (let c = 0; c < 3; c++) data[3 * i + c] = Math.max(0, Math.min(255, Math.round(color[c] + shade)));
    }
  }
  const size = { width: WIDTH, height: HEIGHT };
  return { image: { data, ...size }, alpha: { data: alpha, ...size } };
}

interface RingOptions {
  ground(x: number, y: number): Color;
  place(x: number, y: number): Color;
  grain?: number;
  /** Whether the place is a hole in the alpha too. */
  cut?: boolean;
}

/** Light from the left, as on a wall. */
const wall = (x: number): Color => [210 - x / 10, 190 - x / 10, 150 - x / 10];

describe('enclosedGround', () => {
  const look = ({ image, alpha }: ReturnType<typeof ring>) => enclosedGround(image, alpha);

  it('finds a hole that was left filled, and says where', async () => {
    const found = await look(ring({ ground: wall, place: wall }));
    expect(found).toMatchObject({ places: 1, certain: true });
    const [x, y, width, height] = found!.largest;
    for (const [value, wanted] of [
      [x, 170],
      [y, 120],
      [width, 60],
      [height, 60],
    ])
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(5);
  });

  it('finds it in a dark photo too', async () => {
    const { image, alpha } = ring({ ground: wall, place: wall });
    const dark = { ...image, data: image.data.map((value) => value >> 1) };
    expect(await enclosedGround(dark, alpha)).toMatchObject({ places: 1, certain: true });
  });

  it('is not certain of plain white, which labels have as well', async () => {
    const white = (): Color => [255, 255, 255];
    expect(await look(ring({ ground: white, place: white, grain: 0 }))).toMatchObject({ certain: false });
  });

  it.each<[string, RingOptions]>([
    ['a hole that was cut', { ground: wall, place: wall, cut: true }],
    ['a label of another colour', { ground: wall, place: () => [225, 205, 165] }],
    [
      'a reflection that fades',
      { ground: wall, place: (x, y) => fade(wall(x), Math.hypot(x - 200, y - 150)) },
    ],
    [
      'ground that is too busy to tell',
      { ground: (x, y) => (((x >> 4) + (y >> 4)) % 2 ? [210, 190, 150] : [120, 90, 60]), place: wall },
    ],
  ])('says nothing of %s', async (_, options) => {
    expect(await look(ring(options))).toBeUndefined();
  });

  it('refuses a matte of another size', async () => {
    const { image, alpha } = ring({ ground: wall, place: wall });
    const other = { data: alpha.data.subarray(WIDTH), width: WIDTH, height: HEIGHT - 1 };
    await expect(enclosedGround(image, other)).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
  });
});

/** From a colour to the product's, over a radius of 30. */
function fade(color: Color, distance: number): Color {
  const share = Math.min(1, distance / 30);
  return color.map((value, c) => value + (BLUE[c] - value) * share) as Color;
}
