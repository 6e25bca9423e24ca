import { frameOf, lookOf, placeProduct } from '../../lib/backdrops';
import { placed } from './shapes';

const {
  image: color,
  alpha,
  box: bbox,
} = placed(200, 160, (x, y) => x >= 40 && x < 140 && y >= 30 && y < 110);
const cutout = { color, alpha, bbox };
const { placement } = lookOf('studio');
const place = (change: object, frame = { width: 400, height: 400 }, how: object = {}) =>
  placeProduct(cutout, {
    frame,
    placement: { ...placement, ...change },
    exact: false,
    keepPosition: false,
    ...how,
  });

test('it stands on its baseline, inside the margins, in the middle', async () => {
  const { box, scale } = await place({ scale: 0.5, baseline: 0.8, margin: 0.1 });
  const [x, y, width, height] = box;
  expect(scale).toBeCloseTo(1.6);
  expect([width, height]).toEqual([160, 128]);
  expect(y + height).toBe(320);
  expect(x).toBe(120);
});

test.each([
  ['left', 40],
  ['right', 200],
] as const)('anchored %s', async (anchor, left) => {
  expect((await place({ scale: 0.5, margin: 0.1, anchor })).box[0]).toBe(left);
});

test('centred, and as large as the margins leave', async () => {
  const { box } = await place({ scale: 1, baseline: 'center', margin: 0.075 });
  expect(box).toEqual([30, 64, 340, 272]);
});

test.each([0.1, '10%', '40px'])('a margin of %s', async (margin) => {
  const { box } = await place({ scale: 1, baseline: 'center', margin });
  expect(box).toEqual([40, 72, 320, 256]);
});

test('a margin that leaves no room is refused, with what would', () =>
  expect(place({ margin: '170px' })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER',
    message: expect.stringContaining('160 pixels'),
  }));

test('one look over a batch: products of different photos have the same room and stand on one line', async () => {
  const tall = placed(90, 300, (x, y) => x >= 20 && x < 60 && y >= 10 && y < 290);
  const frame = { width: 400, height: 400 };
  const other = await placeProduct(
    { color: tall.image, alpha: tall.alpha, bbox: tall.box },
    { frame, placement, exact: false, keepPosition: false },
  );
  const one = await place({}, frame);
  const lower = ({ box: [, y, , height] }: { box: number[] }) => y + height;
  expect(lower(other)).toBe(lower(one));
  const room = 1 - 2 * 0.08;
  expect(one.box[2]).toBeCloseTo(400 * room * placement.scale, -0.5);
  expect(other.box[3]).toBeCloseTo(400 * room * placement.scale, -0.5);
});

test('kept where it was', async () => {
  const { x, y, box, scale } = await place({}, { width: 200, height: 160 }, { keepPosition: true });
  expect({ x, y, box, scale }).toEqual({ x: 0, y: 0, box: bbox, scale: 1 });
});

test('exact: whole pixels, its own size, and an error where that does not fit', async () => {
  const { box, scale, x, y } = await place({}, { width: 301, height: 203 }, { exact: true });
  expect([scale, box[2], box[3]]).toEqual([1, 100, 80]);
  for (const value of [x, y, ...box]) expect(Number.isInteger(value)).toBe(true);
  await expect(place({}, { width: 99, height: 200 }, { exact: true })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER',
    message: expect.stringContaining('100 x 80'),
  });
});

test('a frame of one side follows the photo', () => {
  const photo = { width: 300, height: 200 };
  expect(frameOf(photo, {})).toEqual(photo);
  expect(frameOf(photo, { width: 600 })).toEqual({ width: 600, height: 400 });
  expect(frameOf(photo, { height: 100 })).toEqual({ width: 150, height: 100 });
  expect(frameOf(photo, { width: 50, height: 60 })).toEqual({ width: 50, height: 60 });
});
