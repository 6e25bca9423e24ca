import { composite, compositeTransparent, lookOf } from '../../lib/backdrops';
import { drawColor } from '../../lib/backdrops/color';
import { flatten } from '../../lib/image';
import { placed } from './shapes';

const frame = { width: 240, height: 200 };
const look = lookOf('color', { light: { azimuth: -40, elevation: 50, shadow: 0.5, contact: 0.7 } });
const product = placed(240, 200, (x, y) => x >= 80 && x < 150 && y >= 40 && y < 160, [90, 140, 30]);
const { signal } = new AbortController();
const { image, alpha } = compositeTransparent(product, { frame, look, signal });

test('on white it looks as if it had been drawn there', () => {
  const surroundings = {
    data: Float32Array.of(1, 1, 1),
    columns: 1,
    rows: 1,
    mean: [1, 1, 1] as [number, number, number],
  };
  const backdrop = drawColor({ ...frame, look, seed: 0, foot: { x: 0, y: 0, width: 1, height: 1 } });
  const drawn = composite(backdrop, product, {
    frame,
    look,
    surroundings,
    gains: [1, 1, 1],
    wrap: false,
    signal,
  });
  const shown = flatten(image, alpha, [255, 255, 255]);
  const worst = shown.data.reduce((most, level, at) => Math.max(most, Math.abs(level - drawn.data[at])), 0);
  expect(worst).toBeLessThanOrEqual(1);
});

test('the product is whole and unchanged, its shadow black, and far from both there is nothing', () => {
  const at = (x: number, y: number) => {
    const pixel = y * frame.width + x;
    return [...image.data.subarray(pixel * 3, pixel * 3 + 3), alpha.data[pixel]];
  };
  expect(at(100, 100)).toEqual([90, 140, 30, 255]);
  const [red, green, blue, shade] = at(115, 161);
  expect([red, green, blue]).toEqual([0, 0, 0]);
  expect(shade).toBeGreaterThan(80);
  expect(at(5, 5)).toEqual([0, 0, 0, 0]);
});

test('a soft edge over its own shadow covers at least what the shadow does', () => {
  const soft = placed(240, 200, (x, y) => x >= 80 && x < 150 && y >= 40 && y < 160);
  soft.alpha.data.forEach((cover, pixel) => (soft.alpha.data[pixel] = cover && 128));
  const layers = compositeTransparent(soft, { frame, look, signal });
  expect(layers.alpha.data[158 * frame.width + 115]).toBeGreaterThan(128);
});

test('a cancelled job ends', () => {
  const cancelled = AbortSignal.abort();
  expect(() => compositeTransparent(product, { frame, look, signal: cancelled })).toThrow(
    expect.objectContaining({ code: 'CANCELLED' }),
  );
});
