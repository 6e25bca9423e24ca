import sharp from 'sharp';
import type { RgbImage, VitrineError } from '../../lib/contracts';
import { cutPlain } from '../../lib/matting/plain';
import { insideFrame } from '../../lib/matting/plain/frame';
import { RED, disc, grey, paint, type Paint } from './paint';

type Inside = (x: number, y: number) => boolean;

function verdict(image: RgbImage): string {
  try {
    return `product of ${cutPlain(image).alpha.data.filter((value) => value > 127).length}`;
  } catch (error) {
    return (error as VitrineError).code;
  }
}

function iou(image: RgbImage, inside: Inside): number {
  const { alpha } = cutPlain(image);
  let [both, either] = [0, 0];
  alpha.data.forEach((value, i) => {
    const theirs = inside(i % image.width, Math.floor(i / image.width));
    if (value > 127 && theirs) both++;
    if (value > 127 || theirs) either++;
  });
  return both / either;
}

async function throughJpeg({ data, width, height }: RgbImage, quality: number): Promise<RgbImage> {
  const raw = { width, height, channels: 3 as const };
  const jpeg = await sharp(data, { raw }).jpeg({ quality }).toBuffer();
  return { data: new Uint8Array(await sharp(jpeg).raw().toBuffer()), width, height };
}

const within = (x: number, y: number, left: number, top: number, right: number, bottom: number) =>
  x >= left && x < right && y >= top && y < bottom;

describe('a white carton on white', () => {
  /** Its side is a little darker than the ground, its front is print on white. */
  const carton =
    (face: number): Paint =>
    (x, y) => {
      if (within(x, y, 180, 40, 230, 210)) return grey(face);
      if (!within(x, y, 80, 40, 180, 210)) return grey(255);
      return y < 90 || y > 170 || x < 90 ? [20, 60, 150] : grey(238);
    };

  test.each([222, 230, 236])('whose side of %d ends in a step is refused, or whole', (face) => {
    const image = paint(300, 250, carton(face));
    const cut = verdict(image);
    if (cut !== 'CLUTTERED_BACKGROUND') {
      expect(iou(image, (x, y) => within(x, y, 80, 40, 230, 210))).toBeGreaterThan(0.95);
    }
  });

  test('a shadow as dark as such a side, but soft, stays behind', () => {
    const shadow = (x: number, y: number) =>
      1 - 0.12 * Math.exp(-(((x - 205) / 45) ** 2) - ((y - 190) / 40) ** 2);
    const box: Inside = (x, y) => within(x, y, 80, 40, 180, 210);
    const image = paint(300, 250, (x, y) => (box(x, y) ? [20, 60, 150] : grey(255 * shadow(x, y))));
    expect(iou(image, box)).toBeGreaterThan(0.97);
  });
});

describe('a label of the ground’s own colour', () => {
  const bottle: Inside = (x, y) => within(x, y, 90, 30, 210, 220);
  const label: Inside = (x, y) => within(x, y, 105, 90, 195, 170);
  const print: Inside = (x, y) =>
    label(x, y) && y >= 110 && y < 150 && y % 20 < 10 && x >= 120 && x < 180 && x % 12 < 6;

  test.each([255, 232])('with print on a ground of %d is kept, and its print is opaque', (ground) => {
    const image = paint(300, 250, (x, y) => {
      if (print(x, y)) return grey(20);
      return label(x, y) || !bottle(x, y) ? grey(ground) : RED;
    });
    expect(iou(image, bottle)).toBeGreaterThan(0.99);
    const { data } = cutPlain(image).alpha;
    for (let y = 0; y < 250; y++) {
      for (let x = 0; x < 300; x++) if (print(x, y)) expect(data[y * 300 + x]).toBe(255);
    }
  });
});

describe('ground that is enclosed', () => {
  test('by a chain of fine links is opened', () => {
    const chain: Inside = (x, y) => {
      const angle = Math.atan2(y - 150, x - 150);
      const bead = ((angle * 100) / (2 * Math.PI) + 100) % 1;
      return Math.hypot(x - 150, y - 150) > 97 && Math.hypot(x - 150, y - 150) < 103 && bead < 0.85;
    };
    const pendant: Inside = (x, y) => Math.abs(x - 150) + Math.abs(y - 265) < 14;
    const image = paint(300, 300, (x, y) =>
      pendant(x, y) ? [30, 80, 170] : chain(x, y) ? [150, 120, 40] : [205, 204, 210],
    );
    expect(cutPlain(image).alpha.data[150 * 300 + 150]).toBe(0);
    expect(iou(image, (x, y) => chain(x, y) || pendant(x, y))).toBeGreaterThan(0.75);
  });

  test.each([95, 80, 60])('by a handle is open at JPEG quality %d too', async (quality) => {
    const kettle: Inside = (x, y) =>
      disc(x, y, 150, 160, 60) || (disc(x, y, 150, 90, 62) && !disc(x, y, 150, 90, 52) && y < 130);
    const picture = paint(300, 250, (x, y) => (kettle(x, y) ? [70, 70, 75] : grey(250)));
    const compressed = await throughJpeg(picture, quality);
    expect(iou(compressed, kettle)).toBeGreaterThan(iou(picture, kettle) - 0.03);
  });
});

test('black on black is found where the eye finds it', () => {
  const image = paint(300, 240, (x, y) => (disc(x, y) ? grey(40) : grey(14)));
  expect(iou(image, disc)).toBeGreaterThan(0.97);
});

describe('the verdict', () => {
  /** A wide product, a few pixels off the left and the right rim. */
  const wide = (left: number, right: number): Paint => {
    const inside: Inside = (x, y) => within(x, y, left, 60, 300 - right, 180);
    return (x, y) => (inside(x, y) ? (Math.floor(x / 9) % 2 ? RED : grey(60)) : grey(255));
  };

  test('does not change when the picture is mirrored or turned', () => {
    const paints: [number, number, Paint][] = [
      [300, 240, wide(9, 11)],
      [300, 240, wide(11, 9)],
      [240, 300, (x, y) => wide(9, 11)(y, x)],
      [300, 240, (x, y) => wide(9, 11)(299 - x, 239 - y)],
    ];
    const verdicts = paints.map(([width, height, colour]) => verdict(paint(width, height, colour)));
    expect(verdicts[0]).toMatch(/^product of/);
    const areas = verdicts.map((each) => Number(each.replace(/\D/g, '')));
    expect(Math.max(...areas) - Math.min(...areas)).toBeLessThan(0.01 * areas[0]);
  });
});

describe('what is around the picture', () => {
  const cases: [string, number, number, number][] = [
    ['a frame of 1 pixel', 1, 0, 0],
    ['a frame of 2 pixels', 2, 0, 0],
    ['a frame of 3 grey pixels', 3, 0, 120],
    ['black bars above and below', 0, 30, 0],
  ];

  test.each(cases)('%s is seen through', (_, frame, bar, colour) => {
    const image = paint(300, 240, (x, y) => {
      const outside =
        x < frame || y < frame || x >= 300 - frame || y >= 240 - frame || y < bar || y >= 240 - bar;
      return outside ? grey(colour) : disc(x, y) ? RED : grey(240);
    });
    expect(iou(image, disc)).toBeGreaterThan(0.98);
  });

  test('leaves something of a picture of a few pixels', () => {
    const image = paint(40, 8, (_, y) => grey(y < 1.5 || y > 5.5 ? 255 : Math.round(y) % 2 ? 100 : 0));
    expect(insideFrame(image)).toEqual([0, 0, 40, 8]);
  });
});
