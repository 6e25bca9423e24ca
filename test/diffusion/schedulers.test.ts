import { schedulerFor } from '../../lib/diffusion/schedulers';
import { ancestral } from '../../lib/diffusion/schedulers/euler-ancestral';
import { euler, initialScale } from '../../lib/diffusion/schedulers/euler';
import { sigmasOf, spaced } from '../../lib/diffusion/schedulers/noise-levels';
import klein from '../reference/flux2.json';
import { distance } from './support';

/** Numbers of diffusers 0.42.1. */
test('trailing steps end at the highest level', () => {
  const timesteps = spaced(4, 'trailing');
  expect(timesteps).toEqual([999, 749, 499, 249]);
  const sigmas = sigmasOf(timesteps);
  expect(distance(sigmas, [14.6146, 4.0817, 1.6129, 0.6932, 0])).toBeLessThan(1e-4);
  const steps = timesteps.map((_, i) => ancestral(sigmas[i], sigmas[i + 1]));
  expect(
    distance(
      steps.map(({ up }) => up),
      [3.9193, 1.4816, 0.6259, 0],
    ),
  ).toBeLessThan(1e-4);
  expect(
    distance(
      steps.map(({ down }) => down),
      [1.14, 0.6373, 0.2979, 0],
    ),
  ).toBeLessThan(1e-4);
});

test('leading steps begin below it', () => {
  const timesteps = spaced(30, 'leading');
  expect([timesteps[0], timesteps[1], timesteps[29]]).toEqual([958, 925, 1]);
  const sigmas = sigmasOf(timesteps);
  expect(sigmas[0]).toBeCloseTo(11.4768, 4);
  expect(initialScale(sigmas, 'leading')).toBeCloseTo(11.5203, 4);
});

test.each([1, 3, 7, 50, 100])('%d trailing steps are rounded as numpy does', (steps) => {
  const timesteps = spaced(steps, 'trailing');
  expect(timesteps).toHaveLength(steps);
  expect(timesteps[0]).toBe(999);
  expect(timesteps.every((each, i) => i === 0 || each < timesteps[i - 1])).toBe(true);
});

test.each(klein.sigmas.map(([steps, cells, sigmas]) => [steps, cells, sigmas] as const))(
  'FLUX.2 shifts its %s levels for %s cells as diffusers does',
  (steps, cells, sigmas) => {
    const { timesteps } = schedulerFor({ scheduler: 'flow-match-euler' }, Number(steps), Number(cells));
    const expected = (sigmas as number[]).slice(0, -1).map((sigma) => sigma * 1000);
    expect(distance(timesteps, expected)).toBeLessThan(0.01);
  },
);

const values = Float32Array.of(1, -2, 3);
const noise = Float32Array.of(0.5, 0.25, -1);

test.each(['euler', 'euler-ancestral', 'lcm', 'flow-match-euler'] as const)(
  '%s ends without noise',
  (scheduler) => {
    const schedule = { scheduler, spacing: 'trailing', prediction: 'epsilon' } as const;
    const steps = schedulerFor(schedule, 3, 16);
    expect(steps.timesteps).toHaveLength(3);
    expect(distance(steps.addNoise(values, noise, 3), values)).toBe(0);
    expect(distance(steps.addNoise(values, noise, 0), values)).toBeGreaterThan(0);
  },
);

test('a network that knows the noise exactly finds the picture', () => {
  const steps = euler(5, 'trailing', 'epsilon');
  let latents = steps.addNoise(values, noise, 0);
  for (let i = 0; i < 5; i++) latents = steps.step(noise, i, latents, () => noise);
  expect(distance(latents, values)).toBeLessThan(1e-5);
});
