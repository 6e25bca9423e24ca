import type { Alpha, RgbImage } from '../../lib/contracts';
import { coloursOf } from '../../lib/tracking/cutouts/appearance';
import { judge } from '../../lib/tracking/cutouts/evidence';

const SIDE = 120;
const [RED, BLUE, GREEN] = [
  [200, 30, 30],
  [30, 60, 200],
  [40, 160, 60],
];
type Box = readonly [left: number, top: number, right: number, bottom: number];
const isIn = ([left, top, right, bottom]: Box, i: number) => {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  return x >= left && x < right && y >= top && y < bottom;
};
const alpha = (...boxes: Box[]): Alpha => ({
  ...{ width: SIDE, height: SIDE },
  data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (boxes.some((box) => isIn(box, i)) ? 255 : 0)),
});
/** Things of a colour each on a green ground. */
const picture = (...things: [Box, number[]][]): RgbImage => ({
  ...{ width: SIDE, height: SIDE },
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const thing = things.find(([box]) => isIn(box, Math.floor(i / 3)));
    return (thing ? thing[1] : GREEN)[i % 3];
  }),
});
const at = ({ data }: Alpha, x: number, y: number) => data[y * SIDE + x];

const OBJECT: Box = [30, 30, 70, 90];
const BESIDE: Box = [70, 30, 110, 90];
const prior = alpha(OBJECT);
/** Known of earlier frames, in which the blue thing was seen beside the red one. */
const known = coloursOf(picture([OBJECT, RED], [BESIDE, BLUE]), prior);

test('what an object passes does not become a part of it', () => {
  const judged = judge(alpha(OBJECT, BESIDE), picture([OBJECT, RED], [BESIDE, BLUE]), prior, known);
  expect(at(judged, 50, 60)).toBe(255);
  expect(at(judged, 95, 60)).toBe(0);
});

test('a part of the object that comes into sight does', () => {
  const judged = judge(alpha(OBJECT, BESIDE), picture([OBJECT, RED], [BESIDE, RED]), prior, known);
  expect(at(judged, 95, 60)).toBe(255);
});

test('a part that the network loses stays, where it looks like the object', () => {
  const lower: Box = [30, 60, 70, 90];
  const upper = alpha([30, 30, 70, 60]);
  expect(at(judge(upper, picture([OBJECT, RED]), prior, known), 50, 75)).toBe(255);
  const hidden = picture([lower, BLUE], [OBJECT, RED]);
  expect(at(judge(upper, hidden, prior, known), 50, 75)).toBe(0);
});

test('where the object ends is left to the network', () => {
  const matte = alpha([32, 30, 73, 90]);
  const { data } = judge(matte, picture([OBJECT, RED], [BESIDE, BLUE]), prior, known);
  for (let x = 66; x < 73; x++) expect(data[60 * SIDE + x]).toBe(255);
  expect(data[60 * SIDE + 31]).toBe(0);
});
