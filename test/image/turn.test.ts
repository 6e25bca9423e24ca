import { turn } from '../../lib/image';

test('turns clockwise, by quarters', () => {
  const alpha = { data: Uint8Array.from([1, 2, 3, 4, 5, 6]), width: 3, height: 2 };
  expect(turn(alpha, 0)).toBe(alpha);
  expect(turn(alpha, 1)).toEqual({ data: Uint8Array.from([4, 1, 5, 2, 6, 3]), width: 2, height: 3 });
  expect(turn(alpha, 2)).toEqual({ data: Uint8Array.from([6, 5, 4, 3, 2, 1]), width: 3, height: 2 });
  expect(turn(alpha, 3)).toEqual({ data: Uint8Array.from([3, 6, 2, 5, 1, 4]), width: 2, height: 3 });
  const rgb = { data: Uint8Array.from([1, 2, 3, 4, 5, 6]), width: 1, height: 2 };
  expect(turn(rgb, 1)).toEqual({ data: Uint8Array.from([4, 5, 6, 1, 2, 3]), width: 2, height: 1 });
});
