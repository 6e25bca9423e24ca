import { findRegions } from '../../lib/image';

/** A plane from lines of digits. */
function plane(...lines: string[]) {
  return {
    data: Uint8Array.from(lines.join(''), Number),
    width: lines[0].length,
    height: lines.length,
  };
}

/** The region of every pixel, as lines; a dot is none. */
function paint(lines: string[], from: number, to: number, diagonals = false): string[] {
  const { data, width, height } = plane(...lines);
  const { starts, ends, of } = findRegions(data, width, height, { from, to, diagonals });
  const picture = Array<string>(data.length).fill('.');
  for (let run = 0; run < of.length; run++) picture.fill(String(of[run]), starts[run], ends[run]);
  return lines.map((_, y) => picture.slice(y * width, (y + 1) * width).join(''));
}

test('regions are joined round corners and numbered in reading order', () => {
  expect(paint(['1010101', '1010100', '1110111', '0000000', '0110000'], 1, 9)).toEqual([
    '0.0.1.2',
    '0.0.1..',
    '000.111',
    '.......',
    '.33....',
  ]);
});

test('corners connect only if asked to', () => {
  expect(paint(['100', '010', '001'], 1, 1)).toEqual(['0..', '.1.', '..2']);
  expect(paint(['100', '010', '001'], 1, 1, true)).toEqual(['0..', '.0.', '..0']);
  expect(paint(['001', '010', '100'], 1, 1, true)).toEqual(['..0', '.0.', '0..']);
});

test('the end of a row is no neighbour of the next row’s start', () => {
  expect(paint(['0001', '1000', '0000'], 1, 1, true)).toEqual(['...0', '1...', '....']);
});

test('only values within the range count, and areas and borders are told', () => {
  const { data, width, height } = plane('00000', '01230', '00000', '00009');
  const middle = findRegions(data, width, height, { from: 2, to: 3 });
  expect([[...middle.areas], [...middle.atBorder]]).toEqual([[2], [0]]);
  const all = findRegions(data, width, height, { from: 1, to: 9 });
  expect([[...all.areas], [...all.atBorder]]).toEqual([
    [3, 1],
    [0, 1],
  ]);
});

test('agrees with flooding pixel by pixel on noise', () => {
  let state = 3;
  const width = 150;
  const height = 110;
  const data = Uint8Array.from({ length: width * height }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state >> 16) % 5 < 3 ? 1 : 0;
  });
  for (const diagonals of [false, true]) {
    const { areas, starts, ends, of } = findRegions(data, width, height, { from: 1, to: 1, diagonals });
    const ids = new Int32Array(data.length).fill(-1);
    for (let run = 0; run < of.length; run++) ids.fill(of[run], starts[run], ends[run]);
    const expected = flood(data, width, height, diagonals);
    expect(areas.length).toBe(expected.count);
    expect(areas.length).toBeGreaterThan(5);
    expect(expected.ids.every((id, i) => id === ids[i])).toBe(true);
  }
});

test('more runs than there was room for at first', () => {
  const data = Uint8Array.from({ length: 200 * 200 }, (_, i) => (i + Math.floor(i / 200)) % 2);
  expect(findRegions(data, 200, 200, { from: 1, to: 1 }).areas).toHaveLength(20_000);
  expect([...findRegions(data, 200, 200, { from: 1, to: 1, diagonals: true }).areas]).toEqual([20_000]);
});

function flood(data: Uint8Array, width: number, height: number, diagonals: boolean) {
  const ids = new Int32Array(data.length).fill(-1);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || ids[start] >= 0) continue;
    const stack = [start];
    ids[start] = count;
    while (stack.length) {
      const at = stack.pop()!;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const x = (at % width) + dx;
          const y = Math.floor(at / width) + dy;
          if ((!diagonals && dx && dy) || x < 0 || y < 0 || x >= width || y >= height) continue;
          const to = y * width + x;
          if (!data[to] || ids[to] >= 0) continue;
          ids[to] = count;
          stack.push(to);
        }
      }
    }
    count++;
  }
  return { ids, count };
}
