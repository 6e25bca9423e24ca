import sharp from 'sharp';
import { lookOf, settle, sightOf, staging } from '../../lib/backdrops';
import { type SceneShape, scenePicture } from '../support/scenes';

const frame = { width: 640, height: 480 };

async function see(shape: SceneShape, size = frame) {
  const { data, info } = await sharp(await scenePicture(shape))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sightOf({ data, width: info.width, height: info.height }, size, [0.5, 0.5]);
}

test.each([
  [0.35, 'left'],
  [0.5, 'right'],
  [0.6, 'left'],
  [0.8, 'right'],
] as const)('a table that begins at %f, lit from the %s, is seen so', async (horizon, lit) => {
  expect(await see({ horizon, lit })).toEqual({ horizon: expect.closeTo(horizon, 1), light: lit });
});

test('a bottle in the middle hides neither', async () => {
  expect(await see({ horizon: 0.6, lit: 'right', product: true })).toEqual({
    horizon: expect.closeTo(0.6, 1),
    light: 'right',
  });
});

test('where the frame cuts the scene off, what is left counts', async () => {
  const { horizon } = await see({ width: 400, height: 800, horizon: 0.6 }, { width: 400, height: 400 });
  expect(horizon).toBeCloseTo(0.7, 1);
});

test('in a picture of one colour nothing can be told', async () => {
  const data = new Uint8Array(300 * 200 * 3).fill(180);
  const sight = await sightOf({ data, width: 300, height: 200 }, frame, [0.5, 0.5]);
  expect(sight).toEqual({ horizon: null, light: null });
});

describe('the look', () => {
  const look = lookOf('generated', { light: { azimuth: -50 }, placement: { baseline: 0.7 } });

  test.each([
    [{ horizon: 0.5, light: null }, 0.7, -50],
    [{ horizon: 0.8, light: null }, 0.86, -50],
    [{ horizon: 0.95, light: null }, 0.96, -50],
    [{ horizon: null, light: 'right' }, 0.7, 50],
    [{ horizon: null, light: 'left' }, 0.7, -50],
  ] as const)('%j: the product stands at %f, the lamp at %i degrees', (sight, baseline, azimuth) => {
    const settled = settle(look, sight);
    expect(settled.placement.baseline).toBeCloseTo(baseline);
    expect(settled.light.azimuth).toBe(azimuth);
  });

  test('what hangs in the middle stays there', () => {
    const hanging = lookOf('generated', { placement: { baseline: 'center' } });
    expect(settle(hanging, { horizon: 0.9, light: null }).placement.baseline).toBe('center');
  });

  test.each([
    [{ azimuth: -50 }, 'Soft light from the left.'],
    [{ azimuth: 60, softness: 0.1 }, 'Hard light from the right.'],
    [{ azimuth: 150 }, 'Soft light from the right and behind.'],
    [{ azimuth: 0 }, 'Soft light from the front.'],
    [{ azimuth: -40, elevation: 80 }, 'Soft light from above.'],
  ])('%j is told to a generator', (light, words) => {
    const told = staging(lookOf('generated', { light, horizon: 0.55, placement: { anchor: 'left' } }));
    expect(told).toContain(words);
    expect(told).toMatch(/slightly above.+below 55 %.+on the left.+at 84 %/);
  });

  test('one that draws around the product is told of it, and of no empty place', () => {
    const told = staging(lookOf('generated', { horizon: 0.55, placement: { anchor: 'right' } }), true);
    expect(told).toMatch(
      /single product.+slightly above.+on the right at 84 %.+at 55 %.+Soft light from the left\./,
    );
    expect(told).not.toMatch(/empty|without/i);
  });
});
