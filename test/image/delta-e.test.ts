import { deltaE2000 } from '../../lib/image';

/** Pairs of the data that came with the formula (Sharma, Wu and Dalal, 2005), to four places. */
test.each([
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, 3.1571, -77.2803], [50, 0, -82.7485], 2.8615],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
  [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
])('%j and %j are %d apart', (one, other, expected) => {
  const [l1, a1, b1] = one;
  const [l2, a2, b2] = other;
  expect(deltaE2000(l1, a1, b1, l2, a2, b2)).toBeCloseTo(expected, 4);
  expect(deltaE2000(l2, a2, b2, l1, a1, b1)).toBeCloseTo(expected, 4);
});

test('a colour is no different from itself', () => expect(deltaE2000(40, 10, -20, 40, 10, -20)).toBe(0));
