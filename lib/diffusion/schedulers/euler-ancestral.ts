import { initialScale, noiseOf, scaleBySigma } from './euler';
import { sigmasOf, spaced, type Spacing } from './noise-levels';
import type { Prediction, Scheduler } from './types';

/**
 * Euler's method that goes below the next level and adds fresh noise up to it, as diffusers'
 * EulerAncestralDiscreteScheduler.
 */
export function eulerAncestral(steps: number, spacing: Spacing, prediction: Prediction): Scheduler {
  const timesteps = spaced(steps, spacing);
  const sigmas = sigmasOf(timesteps);
  return {
    timesteps,
    initialScale: initialScale(sigmas, spacing),
    scaleInput: (latents, i) => scaleBySigma(latents, sigmas[i]),
    step(answer, i, latents, draw) {
      const sigma = sigmas[i];
      const { up, down } = ancestral(sigma, sigmas[i + 1]);
      const change = down - sigma;
      const next = latents.map((value, at) => value + noiseOf(answer[at], value, sigma, prediction) * change);
      if (up === 0) return next;
      const noise = draw();
      return next.map((value, at) => value + noise[at] * up);
    },
    addNoise: (clean, noise, i) => clean.map((value, at) => value + noise[at] * sigmas[i]),
  };
}

/** The standard deviations that a step goes down to, and that it adds. */
export function ancestral(from: number, to: number): { up: number; down: number } {
  const up = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2);
  return { up, down: Math.sqrt(to ** 2 - up ** 2) };
}
