import type { BoundingBox } from '../../lib/contracts';
import { cropTo } from '../../lib/image';
import { toRgb } from '../../lib/video/colour';
import { canHalve, halve } from '../../lib/video/halve';
import { deinterlace } from '../../lib/video/interlace';
import { rgbOf } from '../../lib/video';
import { type ColourTags, type PlaneLayout, byteCount, samplesOf, usualMatrix } from '../../lib/video/planes';

const WEIGHTS = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] };
const SDR = { fullRange: false, transfer: 'sdr' } as const;

/** Planes of one colour, by the formula of the standards. */
function planesOf(rgb: number[], layout: PlaneLayout, { matrix, fullRange }: ColourTags): Uint8Array {
  const [kr, kb] = WEIGHTS[matrix];
  const [r, g, b] = rgb.map((value) => value / 255);
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const [u, v] = [(b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))];
  const unit = 2 ** (layout.depth - 8);
  const peak = 2 ** layout.depth - 1;
  const luma = fullRange ? y * peak : (16 + 219 * y) * unit;
  const chroma = [u, v].map((value) => 128 * unit + value * (fullRange ? peak : 224 * unit));
  const bytes = new Uint8Array(byteCount(layout));
  const samples = samplesOf(bytes, layout);
  const size = layout.width * layout.height;
  const rest = (samples.length - size) / 2;
  samples.fill(Math.round(luma), 0, size);
  samples.fill(Math.round(chroma[0]), size, size + rest);
  samples.fill(Math.round(chroma[1]), size + rest);
  return bytes;
}

describe.each(['bt601', 'bt709', 'bt2020'] as const)('%s', (matrix) => {
  test.each([
    ['420', 8, false],
    ['420', 8, true],
    ['422', 8, false],
    ['444', 10, false],
    ['420', 10, true],
    ['420', 12, false],
  ] as const)('%s of %s bits, full range %s', (chroma, depth, fullRange) => {
    const layout: PlaneLayout = { width: 5, height: 3, chroma, depth };
    const tags: ColourTags = { ...SDR, matrix, fullRange };
    for (const colour of [
      [255, 255, 255],
      [0, 0, 0],
      [200, 30, 40],
      [20, 160, 220],
      [128, 128, 128],
    ]) {
      const { data } = toRgb(planesOf(colour, layout, tags), layout, tags);
      expect(data).toHaveLength(45);
      for (let at = 0; at < data.length; at++)
        expect(Math.abs(data[at] - colour[at % 3])).toBeLessThanOrEqual(2);
    }
  });
});

/** One colour of a pixel by the formula, its chroma mixed of the samples beside and below. */
function plainly(
  samples: ArrayLike<number>,
  { width, height, chroma, depth }: PlaneLayout,
  i: number,
): number[] {
  const [x, y] = [i % width, Math.floor(i / width)];
  const columns = chroma === '444' ? width : (width + 1) >> 1;
  const rows = chroma === '420' ? (height + 1) >> 1 : height;
  const plane = (start: number, row: number) => {
    const at = (column: number) => samples[start + row * columns + Math.min(columns - 1, column)];
    if (chroma === '444') return at(x);
    return x % 2 ? (at(x >> 1) + at((x >> 1) + 1)) / 2 : at(x >> 1);
  };
  const mixed = (start: number) => {
    if (chroma !== '420') return plane(start, y);
    const far = Math.min(rows - 1, Math.max(0, (y >> 1) + (y % 2 ? 1 : -1)));
    return 0.75 * plane(start, y >> 1) + 0.25 * plane(start, far);
  };
  const unit = 2 ** (depth - 8);
  const start = width * height;
  const luma = (samples[i] / unit - 16) / 219;
  const [u, v] = [start, start + columns * rows].map((from) => (mixed(from) / unit - 128) / 224);
  const colours = [luma + 1.5748 * v, luma - 0.187324 * u - 0.468124 * v, luma + 1.8556 * u];
  return colours.map((value) => Math.min(255, Math.max(0, 255 * value)));
}

test.each(
  (['420', '422', '444'] as const).flatMap((chroma) =>
    [8, 10, 12, 14].flatMap((depth) => [
      { chroma, depth, width: 37, height: 6 },
      { chroma, depth, width: 16, height: 5 },
      { chroma, depth, width: 1, height: 1 },
    ]),
  ),
)('$width x $height of $chroma, $depth bits: every pixel is what a plain loop makes of it', (layout) => {
  const bytes = new Uint8Array(byteCount(layout));
  const samples = samplesOf(bytes, layout);
  // Bright and dark enough to be beyond white and black.
  for (let i = 0; i < samples.length; i++)
    samples[i] = ((i * 7919 + (i >> 3) * 104729) % 256) << (layout.depth - 8);
  const { data } = toRgb(bytes, layout, { ...SDR, matrix: 'bt709' });
  const off = Array.from({ length: data.length }, (_, at) =>
    Math.abs(data[at] - plainly(samples, layout, Math.floor(at / 3))[at % 3]),
  );
  expect(Math.max(...off)).toBeLessThan(0.6);
});

test.each([
  [38, 6],
  [16, 2],
  [2, 4],
])('%s x %s at half of its size: means of luma, chroma as it is', (width, height) => {
  const layout: PlaneLayout = { width, height, chroma: '420', depth: 8 };
  const bytes = new Uint8Array(byteCount(layout)).map((_, i) => (i * 7919 + (i >> 3) * 104729) % 256);
  const half = halve(bytes, layout);
  const [across, down] = [width / 2, height / 2];
  expect(half.layout).toEqual({ width: across, height: down, chroma: '444', depth: 8 });
  const means = Array.from({ length: across * down }, (_, i) => {
    const at = 2 * Math.floor(i / across) * width + 2 * (i % across);
    return Math.floor((bytes[at] + bytes[at + 1] + bytes[at + width] + bytes[at + width + 1] + 2) / 4);
  });
  expect([...half.bytes]).toEqual([...means, ...bytes.subarray(width * height)]);
});

describe.each(
  (['420', '422', '444'] as const).flatMap((chroma) =>
    ([8, 10, 14] as const).map((depth) => ({ chroma, depth, width: 37, height: 15 })),
  ),
)('$chroma of $depth bits', (layout) => {
  const bytes = new Uint8Array(byteCount(layout));
  samplesOf(bytes, layout).forEach((_, i, samples) => {
    samples[i] = ((i * 7919 + (i >> 3) * 104729) % 256) << (layout.depth - 8);
  });

  test.each<[string, BoundingBox, ColourTags['transfer']]>([
    ['amid it', [5, 3, 11, 6], 'sdr'],
    ['amid it, even', [8, 4, 10, 8], 'sdr'],
    ['at its start', [0, 0, 3, 3], 'sdr'],
    ['at its end', [30, 9, 7, 6], 'sdr'],
    ['beyond it', [-4, 10, 60, 9], 'sdr'],
    ['of HDR', [5, 3, 11, 6], 'pq'],
  ])('a part %s has the colours that it has in the whole frame', (_, box, transfer) => {
    const image = { ...layout, bytes, tags: { matrix: 'bt709', fullRange: false, transfer } as const };
    expect(rgbOf(image, box)).toEqual(cropTo(rgbOf(image), box));
  });
});

test('only what has the samples for it is halved', () => {
  const layout: PlaneLayout = { width: 1920, height: 1080, chroma: '420', depth: 8 };
  const half = { width: 960, height: 540 };
  expect(canHalve(layout, half)).toBe(true);
  expect(canHalve({ ...layout, width: 1280, height: 720 }, half)).toBe(false);
  expect(canHalve({ ...layout, width: 1921 }, half)).toBe(false);
  expect(canHalve({ ...layout, depth: 10 }, half)).toBe(false);
  expect(canHalve({ ...layout, chroma: '422' }, half)).toBe(false);
});

test('chroma of 4:2:0 is interpolated: no steps of two pixels', () => {
  const layout: PlaneLayout = { width: 8, height: 2, chroma: '420', depth: 8 };
  const bytes = new Uint8Array(byteCount(layout)).fill(128);
  bytes.set([100, 120, 140, 160], 20);
  const { data } = toRgb(bytes, layout, { ...SDR, matrix: 'bt709' });
  const reds = Array.from({ length: 7 }, (_, x) => data[x * 3]);
  for (let x = 1; x < 7; x++) expect(reds[x]).toBeGreaterThan(reds[x - 1]);
});

test.each(['pq', 'hlg'] as const)(
  '%s is toned down: grey stays grey, brighter stays brighter',
  (transfer) => {
    const layout: PlaneLayout = { width: 2, height: 2, chroma: '420', depth: 10 };
    const tags: ColourTags = { matrix: 'bt2020', fullRange: false, transfer };
    const greys = [0, 40, 80, 120, 160, 200, 230].map((grey) => {
      const { data } = toRgb(planesOf([grey, grey, grey], layout, tags), layout, tags);
      expect(Math.max(...data) - Math.min(...data)).toBeLessThanOrEqual(1);
      return data[0];
    });
    expect(greys[0]).toBe(0);
    for (let at = 1; at < greys.length; at++) expect(greys[at]).toBeGreaterThanOrEqual(greys[at - 1]);
    expect(greys.at(-1)).toBeGreaterThan(230);
  },
);

test('PQ: 100 nits, below the knee, keep their light; 203 nits, diffuse white, are nearly white', () => {
  const layout: PlaneLayout = { width: 2, height: 2, chroma: '444', depth: 10 };
  const tags: ColourTags = { matrix: 'bt2020', fullRange: false, transfer: 'pq' };
  // Signals of ST 2084 for 50 and 203 nits.
  const [fifty, white] = [0.4402, 0.5807].map((signal) => {
    const grey = signal * 255;
    return toRgb(planesOf([grey, grey, grey], layout, tags), layout, tags).data[0];
  });
  // sRGB of 50 / 203 of the light.
  expect(Math.abs(fifty - 136)).toBeLessThanOrEqual(4);
  expect(white).toBeGreaterThan(200);
  expect(white).toBeLessThan(245);
});

test('where no matrix is told, HD is 709 and SD is 601', () => {
  expect(usualMatrix(1280, 720, false)).toBe('bt709');
  expect(usualMatrix(720, 1280, false)).toBe('bt709');
  expect(usualMatrix(720, 576, false)).toBe('bt601');
  expect(usualMatrix(3840, 2160, true)).toBe('bt2020');
});

test('two fields of different times become one picture; what stands still stays', () => {
  const layout: PlaneLayout = { width: 4, height: 8, chroma: '420', depth: 8 };
  const combed = new Uint8Array(byteCount(layout)).fill(128);
  for (let y = 0; y < 8; y++) combed.fill(y % 2 ? 200 : 50, y * 4, y * 4 + 4);
  deinterlace(combed, layout);
  expect([...combed.subarray(0, 32)]).toEqual(new Array(32).fill(50));
  const edge = new Uint8Array(byteCount(layout)).fill(128);
  for (let y = 0; y < 8; y++) edge.fill(y > 3 ? 200 : 50, y * 4, y * 4 + 4);
  const before = edge.slice();
  deinterlace(edge, layout);
  expect(edge).toEqual(before);
});
