import { LINEAR, ditherRow, labToLinear, rgbToLab, toLinear } from '../../lib/image';

function dithered(light: number): Uint8Array {
  const out = new Uint8Array(64 * 64 * 3);
  const row = new Float32Array(64 * 3).fill(light);
  for (let y = 0; y < 64; y++) ditherRow(row, 64, { x: 0, y }, out, y * 64 * 3);
  return out;
}

test('what is a level already stays that level, everywhere', () => {
  for (let level = 0; level < 256; level++) {
    expect([...new Set(dithered(LINEAR[level]))]).toEqual([level]);
  }
});

test.each([12.25, 100.5, 243.8])('level %d is shown by its two neighbours, and is their mean', (level) => {
  const out = dithered(toLinear(level / 255));
  expect([...new Set(out)].sort((a, b) => a - b)).toEqual([Math.floor(level), Math.ceil(level)]);
  expect(out.reduce((sum, value) => sum + value, 0) / out.length).toBeCloseTo(level, 1);
});

test('a slow gradient has no band: no run of one level is longer than the pattern', () => {
  const width = 2048;
  const row = Float32Array.from({ length: width * 3 }, (_, at) =>
    toLinear((100.3 + (0.4 * at) / (width * 3)) / 255),
  );
  const out = new Uint8Array(width * 3);
  ditherRow(row, width, { x: 0, y: 5 }, out, 0);
  let longest = 0;
  for (let x = 0, run = 0; x < width; x++) {
    run = x && out[x * 3] === out[x * 3 - 3] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  expect(longest).toBeLessThan(16);
});

test('light outside of 0..1 is clipped', () => {
  expect(dithered(-0.5)[0]).toBe(0);
  expect(dithered(1.5)[0]).toBe(255);
});

test('Lab to linear light undoes its inverse', () => {
  for (const color of [
    [200, 30, 40],
    [12, 90, 250],
    [128, 128, 128],
  ]) {
    const [l, a, b] = rgbToLab(Uint8Array.from(color));
    labToLinear(l, a, b).forEach((light, c) => expect(light).toBeCloseTo(LINEAR[color[c]], 2));
  }
});
