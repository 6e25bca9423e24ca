import { cutAlready } from '../../lib/matting';

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
    expect(cutAlready(disc(100, ground))).toBe('yes');
  },
);

test('a carton that was trimmed to its box has little around it', () => {
  const { data, ...size } = rounded(200, 0);
  for (let y = 0; y < 200; y++) for (let x = 0; x < 200; x++) if (x + 4 * y < 40) data[y * 200 + x] = 0;
  expect(cutAlready({ data, ...size })).toBe('yes');
});

test('a photo is not, whether opaque or half see-through', () => {
  expect(cutAlready({ data: new Uint8Array(100).fill(255), width: 10, height: 10 })).toBe('no');

  expect(cutAlready(disc(100, 128))).toBe('no');
});

test('four round corners are those of a photo or of a carton', () => {
  expect(cutAlready(rounded(100, 15))).toBe('rounded');
});
