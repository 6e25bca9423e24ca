import { isCutAlready } from '../../lib/matting';

/** A disc of opaque pixels that touches all four sides, on `ground`. */
function disc(side: number, ground: number) {
  const data = Uint8Array.from({ length: side * side }, (_, i) =>
    Math.hypot((i % side) - side / 2, Math.floor(i / side) - side / 2) <= side / 2 ? 255 : ground,
  );
  return { data, width: side, height: side };
}

/** An opaque photo whose corners were rounded with this radius. */
function rounded(side: number, radius: number) {
  const data = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const dx = Math.max(radius - x, x - (side - 1 - radius), 0);
    const dy = Math.max(radius - y, y - (side - 1 - radius), 0);
    return Math.hypot(dx, dy) > radius ? 0 : 255;
  });
  return { data, width: side, height: side };
}

test.each([0, 1, 9, 11])(
  'a product trimmed to its box on a ground of alpha %d is cut out already',
  (ground) => {
    expect(isCutAlready(disc(100, ground))).toBe(true);
  },
);

test('a photo is not, whether opaque, with round corners or half see-through', () => {
  expect(isCutAlready({ data: new Uint8Array(100).fill(255), width: 10, height: 10 })).toBe(false);
  expect(isCutAlready(rounded(100, 15))).toBe(false);
  expect(isCutAlready(disc(100, 128))).toBe(false);
});
