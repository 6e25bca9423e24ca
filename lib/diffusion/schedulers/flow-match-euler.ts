import type { Scheduler } from './types';

/** Levels of the network's training; the network itself is told the standard deviation of the noise. */
const LEVELS = 1000;

/**
 * Flow matching by Euler's method with FLUX.2's shift of the noise levels, as diffusers' FlowMatchEulerDiscreteScheduler
 * in Flux2KleinPipeline.
 * @param cells of the latents: larger pictures spend more steps on strong noise
 */
export function flowMatchEuler(steps: number, cells: number): Scheduler {
  const shift = Math.exp(empiricalShift(cells, steps));
  const sigmas = Array.from({ length: steps }, (_, i) => {
    const even = steps === 1 ? 1 : 1 + ((1 / steps - 1) * i) / (steps - 1);
    return shift / (shift + (1 / even - 1));
  });
  sigmas.push(0);
  return {
    timesteps: sigmas.slice(0, -1).map((sigma) => sigma * LEVELS),
    initialScale: 1,
    scaleInput: (latents) => latents,
    step: (answer, i, latents) => {
      const change = sigmas[i + 1] - sigmas[i];
      return latents.map((value, at) => value + answer[at] * change);
    },
    addNoise: (clean, noise, i) => clean.map((value, at) => (1 - sigmas[i]) * value + sigmas[i] * noise[at]),
  };
}

/** diffusers' compute_empirical_mu: two lines through measurements at 10 and at 200 steps. */
function empiricalShift(cells: number, steps: number): number {
  const at200 = 0.00016927 * cells + 0.45666666;
  if (cells > 4300) return at200;
  const at10 = 8.73809524e-5 * cells + 1.89833333;
  const slope = (at200 - at10) / 190;
  return slope * steps + at200 - 200 * slope;
}
