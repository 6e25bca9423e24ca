import { Arena } from '../../lib/kernels';

const arena = new Arena();

test.each([
  [96, 54, 48, 48],
  [320, 320, 96, 96],
  [37, 20, 5, 9],
  [3, 2, 6, 5],
])('%d x %d grey pixels made %d x %d are means over their parts', (width, height, across, down) => {
  const grey = Float32Array.from({ length: width * height }, (_, i) => ((i * 7919) % 2550) / 10);
  const small = arena.scope(() => {
    const [from, out] = [arena.put(grey), arena.take(across * down)];
    arena.kernels.shrinkGrey(from, width, height, across, down, out);
    return arena.bytes(out, across * down).slice();
  });
  const range = (at: number, from: number, to: number) => {
    const start = Math.floor((at * from) / to);
    const end = Math.max(start + 1, Math.floor(((at + 1) * from) / to));
    return Array.from({ length: end - start }, (_, i) => start + i);
  };
  const expected = Array.from({ length: across * down }, (_, i) => {
    const rows = range(Math.floor(i / across), height, down);
    const columns = range(i % across, width, across);
    const values = rows.flatMap((y) => columns.map((x) => grey[y * width + x]));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
  expected.forEach((value, i) => expect(Math.abs(small[i] - value)).toBeLessThan(0.51));
});
