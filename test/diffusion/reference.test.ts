import { removeFolders } from '../models/support';
import reference from '../reference/diffusion.json';
import { dispose, distance, drawLatents, turbo } from './support';

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

async function compare(expected: Drawn, ...asked: Parameters<typeof drawLatents>): Promise<void> {
  const { timesteps, steps, picture } = await drawLatents(...asked);
  expect(distance(timesteps, expected.timesteps)).toBeLessThan(0.01);
  expect(steps).toHaveLength(expected.latents.length);
  steps.forEach((latents, i) => expect(distance(latents, expected.latents[i])).toBeLessThan(1e-3));
  const sampled = picture.data.filter((_, i) => i % 17 === 0);
  expect(distance(sampled, expected.picture)).toBeLessThan(0.01);
}

const prompt = 'a mug on a marble table, studio';

test('SD-Turbo: Euler, trailing, without guidance', async () => {
  await compare(reference['tiny-sd'].trailing, turbo(), { prompt, steps: 4 }, 7);
});
