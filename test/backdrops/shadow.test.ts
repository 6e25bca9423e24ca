import { groundOf } from '../../lib/backdrops/ground';
import { shadowOf } from '../../lib/backdrops/shadow';
import { silhouetteOf } from '../../lib/backdrops/silhouette';
import { lookOf } from '../../lib/backdrops';
import { placed } from './shapes';

const frame = { width: 300, height: 240 };
const box = placed(300, 240, (x, y) => x >= 110 && x < 190 && y >= 60 && y < 200);

function shadow(azimuth: number, product = box, change: object = {}) {
  const shape = silhouetteOf(product, frame);
  const { light } = lookOf('studio', { light: { azimuth, elevation: 45, ...change } });
  const { data } = shadowOf(shape, groundOf(shape), light);
  return (x: number, y: number) => 1 - data[y * shape.width + x];
}

/** How much is dark in a part of the frame. */
function darkness(
  at: (x: number, y: number) => number,
  from: number,
  to: number,
  top = 140,
  bottom = 240,
): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = from; x < to; x++) sum += at(x, y);
  return sum;
}

test('it falls away from the lamp', () => {
  const fromLeft = shadow(-60);
  expect(darkness(fromLeft, 200, 300)).toBeGreaterThan(10 * darkness(fromLeft, 0, 100));
  const fromRight = shadow(60);
  expect(darkness(fromRight, 0, 100)).toBeGreaterThan(10 * darkness(fromRight, 200, 300));
});

test('a lamp at the camera throws it back, one behind the product towards the camera', () => {
  const front = shadow(0, box, { contact: 0 });
  const back = shadow(180, box, { contact: 0 });
  expect(darkness(front, 0, 300, 205, 240)).toBeLessThan(0.1 * darkness(back, 0, 300, 205, 240));
});

test('it touches the product: right below its edge it is dark, and far off there is none', () => {
  const at = shadow(-40);
  for (let x = 115; x < 185; x += 10) expect(at(x, 200)).toBeGreaterThan(0.3);
  expect(at(150, 235)).toBeLessThan(0.02);
  expect(at(20, 60)).toBe(0);
});

test('of two products at two depths each has its shadow under its own edge', () => {
  const two = placed(300, 240, (x, y) =>
    x < 130 ? x >= 60 && y >= 60 && y < 180 : x >= 150 && x < 220 && y >= 110 && y < 196,
  );
  const at = shadow(-40, two);
  expect(at(95, 180)).toBeGreaterThan(0.3);
  expect(at(185, 196)).toBeGreaterThan(0.3);
  expect(at(95, 196)).toBeLessThan(0.5 * at(95, 180));
});

test('what hangs high above the floor has no contact with it', () => {
  // A table: two legs and a top that reaches beyond them.
  const table = placed(
    300,
    240,
    (x, y) =>
      y >= 80 && (y < 100 ? x >= 60 && x < 240 : y < 200 && ((x >= 90 && x < 110) || (x >= 190 && x < 210))),
  );
  const at = shadow(-40, table, { shadow: 0 });
  expect(at(100, 200)).toBeGreaterThan(0.3);
  expect(at(150, 200)).toBeLessThan(0.1);
  expect(at(65, 200)).toBeLessThan(0.1);
});

test('a round base curves: its contact follows the front edge', () => {
  const round = placed(300, 240, (x, y) => {
    const across = (x - 150) / 60;
    return Math.abs(across) < 1 && y >= 70 && y < 180 + 14 * Math.sqrt(1 - across * across);
  });
  const { floor } = groundOf(silhouetteOf(round, frame));
  expect(Math.abs(floor[150] - 194)).toBeLessThan(1.5);
  expect(floor[100]).toBeLessThan(floor[150] - 3);
  expect(floor[100]).toBeGreaterThan(180);
});

test('none where none is asked for', () => {
  expect(darkness(shadow(-40, box, { shadow: 0, contact: 0 }), 0, 300, 0)).toBe(0);
});
