import { sigmasOf, spaced, type Spacing } from './noise-levels';
import type { Prediction, Scheduler } from './types';

/** Euler's method (Karras et al. 2022, algorithm 2 without churn), as diffusers' EulerDiscreteScheduler. */
export function euler(steps: number, spacing: Spacing, prediction: Prediction): Scheduler {
  const timesteps = spaced(steps, spacing);
  const sigmas = sigmasOf(timesteps);
  return {
    timesteps,
    initialScale: initialScale(sigmas, spacing),
    scaleInput: (latents, i) => scaleBySigma(latents, sigmas[i]),
    step(answer, i, latents) {
      const sigma = sigmas[i];
      const change = sigmas[i + 1] - sigma;
      return latents.map((value, at) => value + noiseOf(answer[at], value, sigma, prediction) * change);
    },
    addNoise: (clean, noise, i) => clean.map((value, at) => value + noise[at] * sigmas[i]),
  };
}

/** With leading steps the first level is below the highest, and the picture's own variance is counted in. */
export function initialScale([highest]: readonly number[], spacing: Spacing): number {
  return spacing === 'trailing' ? highest : Math.sqrt(highest ** 2 + 1);
}

/** Brings latents with noise of this standard deviation to the variance that the network was trained with. */
export function scaleBySigma(latents: Float32Array, sigma: number): Float32Array {
  const scale = 1 / Math.sqrt(sigma ** 2 + 1);
  return latents.map((value) => value * scale);
}

/** The noise in a value, in units of its standard deviation. */
export function noiseOf(answer: number, value: number, sigma: number, prediction: Prediction): number {
  if (prediction === 'epsilon') return answer;
  const variance = sigma ** 2 + 1;
  const clean = value / variance - (answer * sigma) / Math.sqrt(variance);
  return (value - clean) / sigma;
}
