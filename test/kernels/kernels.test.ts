import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';
import { Arena } from '../../lib/kernels';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const PACKED = join(packageRoot, 'lib/kernels/kernels.wasm');

test('kernels.wasm is what kernels/ compiles to', () => {
  const file = join(folder, 'kernels.wasm');
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const [, ...args] = (scripts.kernels as string)
    .replace('lib/kernels/kernels.wasm', file)
    .split(' ');
  execFileSync(process.execPath, [join(packageRoot, 'node_modules/assemblyscript/bin/asc.js'), ...args], {
    cwd: packageRoot,
  });
  // After a change there: npm run kernels.
  expect(readFileSync(PACKED).equals(readFileSync(file))).toBe(true);
});

test('memory is given out and taken back, and grows only when there is more to hold', () => {
  const arena = new Arena();
  const places = () =>
    arena.scope(() => [arena.take(100), arena.put(Uint8Array.of(1, 2, 3)), arena.take(3_000_000)]);
  const first = places();
  expect(first.every((at, index) => at % 16 === 0 && (index === 0 || at > first[index - 1]))).toBe(true);
  expect(places()).toEqual(first);
  arena.scope(() => {
    arena.take(100);
    expect([...arena.bytes(arena.put(Int16Array.of(258, 3)), 4)]).toEqual([2, 1, 3, 0]);
  });
  expect(() =>
    arena.scope(() => {
      arena.take(10);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(places()).toEqual(first);
});

/** A plain loop for each kernel that has lanes: sizes that are no multiple of 16 as well. */
describe('kernels with lanes', () => {
  const arena = new Arena();
  const { kernels } = arena;
  const bytes = (length: number) =>
    Uint8Array.from({ length }, (_, at) => (at * 7919 + (at >> 3) * 104729) & 255);

  test.each([0, 1, 15, 16, 17, 333])('sums and looks at %d bytes', (length) => {
    const data = bytes(length);
    arena.scope(() => {
      expect(kernels.sumBytes(arena.put(data), length)).toBe(data.reduce((sum, value) => sum + value, 0));
      expect(kernels.isHard(arena.put(data.map((value) => (value > 99 ? 255 : 0))), length)).toBe(1);
      expect(kernels.isHard(arena.put(data.map((_, at) => (at === length - 1 ? 254 : 255))), length)).toBe(
        Number(length === 0),
      );
    });
  });

  test.each([
    [3, 5],
    [16, 7],
    [37, 11],
  ])('medians and sums of neighbours at %d x %d', (width, height) => {
    const data = bytes(width * height * 3);
    const at = (x: number, y: number, channel: number, place: (at: number, length: number) => number) =>
      data[(place(y, height) * width + place(x, width)) * 3 + channel];
    const clamp = (place: number, length: number) => Math.max(0, Math.min(length - 1, place));
    const mirror = (place: number, length: number) =>
      place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place;
    for (const radius of [1, 2]) {
      const around = (x: number, y: number, channel: number, place: typeof clamp) => {
        const values: number[] = [];
        for (let v = -radius; v <= radius; v++)
          for (let u = -radius; u <= radius; u++) values.push(at(x + u, y + v, channel, place));
        return values;
      };
      const stride = (width + 2 * radius) * 3;
      const run = (repeat: number, use: (first: number, out: number) => void) =>
        arena.scope(() => {
          const padded = arena.take(stride * (height + 2 * radius));
          const out = arena.take(data.length);
          kernels.pad(arena.put(data), width, height, 3, radius, repeat, padded);
          use(padded + radius * (stride + 3), out);
          return arena.bytes(out, data.length).slice();
        });
      const medians = run(1, (first, out) => kernels.median(first, stride, width * 3, height, radius, out));
      // Two neighbours: half of the one to the left above, half of the one to the right below.
      const taps = Int32Array.of(-radius * (stride + 3), radius * (stride + 3), 64 | (64 << 16));
      const sums = run(0, (first, out) =>
        kernels.convolve(first, stride, width * 3, height, arena.put(taps), 1, 7, out),
      );
      const each = (value: (x: number, y: number, channel: number) => number) =>
        data.map((_, index) =>
          value(Math.floor(index / 3) % width, Math.floor(index / 3 / width), index % 3),
        );
      expect(medians).toEqual(
        each(
          (x, y, channel) => around(x, y, channel, clamp).sort((a, b) => a - b)[((2 * radius + 1) ** 2) >> 1],
        ),
      );
      expect(sums).toEqual(
        each((x, y, channel) => {
          const values = around(x, y, channel, mirror);
          return (values[0] + values.at(-1)! + 1) >> 1;
        }),
      );
    }
  });
});
