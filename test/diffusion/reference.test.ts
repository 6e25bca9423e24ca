import { decodeTiled } from '../../lib/diffusion/tiles';
import { removeFolders } from '../models/support';
import reference from '../reference/diffusion.json';
import klein from '../reference/flux2.json';
import { card } from '../runtime/support';
import {
  SIDE,
  consistency,
  dispose,
  distance,
  drawLatents,
  flux,
  halfXl,
  networksOf,
  open,
  product,
  turbo,
  xl,
} from './support';

/** Latents after every step, and the picture, beside those of diffusers; test/reference/diffusion.py made the numbers. */
interface Drawn {
  timesteps: number[];
  latents: number[][];
  picture: number[];
}

afterAll(async () => {
  await dispose();
  removeFolders();
});

const sampled = (picture: Float32Array) => picture.filter((_, i) => i % 17 === 0);

async function compare(
  expected: Drawn,
  [entry, wishes, asked]: Parameters<typeof drawLatents>,
  most = 1e-3,
): Promise<void> {
  const { timesteps, steps, picture } = await drawLatents(entry, wishes, asked);
  expect(distance(timesteps, expected.timesteps)).toBeLessThan(0.01);
  expect(steps).toHaveLength(expected.latents.length);
  steps.forEach((latents, i) => expect(distance(latents, expected.latents[i])).toBeLessThan(most));
  // diffusers' own pictures end at black and white.
  const clamp = (values: ArrayLike<number>) =>
    Array.from(values, (value) => Math.min(1, Math.max(-1, value)));
  expect(distance(clamp(sampled(picture.data)), clamp(expected.picture))).toBeLessThan(10 * most);
}

const chairs = { prompt: 'two chairs in a forest, 35mm photo ☕!', steps: 5, guidance: 5 };
const vases = { prompt: 'vases on a marble table', steps: 4, guidance: 1 };
const mug = { prompt: 'a mug on a marble table, studio', steps: 4 };
const { 'tiny-sd': sd, 'tiny-lcm': lcm, 'tiny-xl': sdxl } = reference;
const ancestral = { scheduler: 'euler-ancestral', spacing: 'trailing' };

describe('latents after every step, and the picture, are those of diffusers', () => {
  test('Euler, trailing, without guidance (SD-Turbo)', async () => {
    await compare(sd.trailing, [turbo(), mug, { seed: 7 }]);
  });

  test('Euler, leading, with guidance and a negative prompt (SDXL), weights beside the graph', async () => {
    const negativePrompt = 'people, text, watermark';
    await compare(sdxl.leading, [xl(), { ...chairs, negativePrompt }, { seed: 3 }]);
  });

  test('Euler, leading, with zeros for an empty negative prompt', async () => {
    await compare(sdxl.zeros, [xl(), { ...chairs, negativePrompt: ' ' }, { seed: 4 }]);
    const { steps } = await drawLatents(xl({ emptyIsZeros: false }), chairs, { seed: 4 });
    expect(distance(steps[4], sdxl.zeros.latents[4])).toBeGreaterThan(1e-3);
  });

  test('Euler with a network that answers with a velocity', async () => {
    const entry = xl({ prediction: 'v_prediction' });
    await compare(sdxl.velocity, [entry, { ...chairs, negativePrompt: 'people' }, { seed: 5 }]);
  });

  test('Euler ancestral, trailing (SDXL-Turbo)', async () => {
    await compare(sdxl.ancestral, [xl(ancestral), vases, { seed: 2 ** 32 - 1 }]);
  });

  test('LCM', async () => {
    await compare(sdxl.lcm, [xl({ scheduler: 'lcm' }), { ...vases, steps: 8 }, { seed: 9 }]);
  });

  test('LCM with a network that takes the guidance as an input', async () => {
    await compare(lcm.lcm, [consistency(), { prompt: 'a lamp by the window' }, { seed: 11 }]);
  });

  test('flow matching with the shift of FLUX.2 klein, square and wide', async () => {
    await compare(klein.square, [flux(), { prompt: 'a mug on a marble table ☕' }, { seed: 3 }]);
    const size = { width: 2 * SIDE, height: SIDE / 2 };
    const wishes = { prompt: 'vases by the window, studio', steps: 6 };
    await compare(klein.wide, [flux(), wishes, { seed: 4, size }]);
  });

  test('around a product', async () => {
    const asked = { seed: 6, around: product() };
    await compare(sdxl.around, [xl(ancestral), vases, asked]);
    await compare(sdxl.around_lcm, [xl({ scheduler: 'lcm' }), { ...vases, steps: 3 }, asked]);
  });

  test('on a card, which is asked for both sides of the guidance at once', async () => {
    const { runtime, sizes } = card();
    const negativePrompt = 'people, text, watermark';
    await compare(sdxl.leading, [xl(), { ...chairs, negativePrompt }, { seed: 3, runtime }]);
    expect(sizes.filter((size) => size === 2)).toHaveLength(5);
  });

  test('in half precision, nearly', async () => {
    const negativePrompt = 'people, text, watermark';
    await compare(sdxl.leading, [halfXl(), { ...chairs, negativePrompt }, { seed: 3 }], 0.05);
  });
});

test('another prompt is another picture', async () => {
  const { steps } = await drawLatents(turbo(), { ...mug, prompt: 'a forest' }, { seed: 7 });
  expect(distance(steps[3], sd.trailing.latents[3])).toBeGreaterThan(0.01);
});

test('a picture decoded in tiles is that of diffusers, and that of one tile the whole', async () => {
  const { network } = await open(networksOf([turbo({ vaeScale: 1 })]), 'tiny-sd');
  const latents = { data: Float32Array.from(sd.tiled.latents), channels: 4, width: 8, height: 8 };
  const { data, width, height } = await decodeTiled(latents, network.decode, 8, 4);
  expect([width, height]).toEqual([64, 64]);
  expect(distance(sampled(data), sd.tiled.picture)).toBeLessThan(1e-3);
  const whole = await network.decode(latents);
  expect(distance((await decodeTiled(latents, network.decode, 8, 8)).data, whole.data)).toBe(0);
  expect(distance(whole.data, data)).toBeGreaterThan(0.01);
});
