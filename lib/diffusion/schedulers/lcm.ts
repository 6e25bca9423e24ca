import { ALPHAS, LEVELS } from './noise-levels';
import type { Prediction, Scheduler } from './types';

/** Steps that latent consistency models were distilled from. */
const ORIGINAL_STEPS = 50;
/** What their boundary condition is made of: the picture's standard deviation, and the scale of the levels. */
const [DATA_SIGMA, LEVEL_SCALE] = [0.5, 10];

/**
 * Latent consistency models (Luo et al. 2023): each step jumps to a finished picture and adds the noise of the next
 * level, as diffusers' LCMScheduler.
 * @param steps 1..50
 */
export function lcm(steps: number, prediction: Prediction): Scheduler {
  const timesteps = levels(steps);
  return {
    timesteps,
    initialScale: 1,
    scaleInput: (latents) => latents,
    step(answer, i, latents, draw) {
      const level = timesteps[i];
      const [picture, noise] = sharesOf(level);
      const scaled = level * LEVEL_SCALE;
      const skip = DATA_SIGMA ** 2 / (scaled ** 2 + DATA_SIGMA ** 2);
      const take = scaled / Math.sqrt(scaled ** 2 + DATA_SIGMA ** 2);
      const clean = latents.map((value, at) => {
        const said = answer[at];
        const origin =
          prediction === 'epsilon' ? (value - noise * said) / picture : picture * value - noise * said;
        return take * origin + skip * value;
      });
      if (i + 1 === timesteps.length) return clean;
      return mix(clean, draw(), timesteps[i + 1]);
    },
    addNoise: (clean, noise, i) => (i < timesteps.length ? mix(clean, noise, timesteps[i]) : clean.slice()),
  };
}

/** Evenly chosen among the levels of the original schedule, highest first. */
function levels(steps: number): number[] {
  const stride = Math.floor(LEVELS / ORIGINAL_STEPS);
  return Array.from({ length: steps }, (_, i) => {
    const index = Math.floor((i * ORIGINAL_STEPS) / steps);
    return (ORIGINAL_STEPS - index) * stride - 1;
  });
}

/** What the picture and the noise are multiplied by at a level. */
function sharesOf(level: number): [number, number] {
  return [Math.sqrt(ALPHAS[level]), Math.sqrt(1 - ALPHAS[level])];
}

function mix(clean: Float32Array, noise: Float32Array, level: number): Float32Array {
  const [picture, rest] = sharesOf(level);
  return clean.map((value, at) => picture * value + rest * noise[at]);
}
