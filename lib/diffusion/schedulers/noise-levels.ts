/** Of all networks that were trained like Stable Diffusion: 1000 levels, betas scaled_linear from 0.00085 to 0.012. */
export const LEVELS = 1000;
const [FIRST_BETA, LAST_BETA] = [0.00085, 0.012];
/** diffusers' steps_offset of all Stable Diffusion networks. */
const OFFSET = 1;

/** Share of the picture's variance that is left at each level: the product of 1 - beta. */
export const ALPHAS: readonly number[] = alphas();

/** Standard deviation of the noise at each level, in units of the picture. */
export const SIGMAS: readonly number[] = ALPHAS.map((alpha) => Math.sqrt((1 - alpha) / alpha));

export type Spacing = 'leading' | 'trailing';

/**
 * The levels that `steps` steps begin at, highest first, as diffusers' set_timesteps has them.
 * @param steps 1..1000
 */
export function spaced(steps: number, spacing: Spacing): number[] {
  if (spacing === 'leading') {
    const stride = Math.floor(LEVELS / steps);
    return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + OFFSET);
  }
  const stride = LEVELS / steps;
  return Array.from({ length: steps }, (_, i) => roundHalfEven(LEVELS - i * stride) - 1);
}

/** Standard deviation of the noise before each step, and 0 after the last. */
export function sigmasOf(timesteps: readonly number[]): number[] {
  return [...timesteps.map((level) => SIGMAS[Math.min(level, LEVELS - 1)]), 0];
}

function alphas(): number[] {
  const [from, to] = [Math.sqrt(FIRST_BETA), Math.sqrt(LAST_BETA)];
  let left = 1;
  return Array.from({ length: LEVELS }, (_, i) => {
    const beta = (from + ((to - from) * i) / (LEVELS - 1)) ** 2;
    return (left *= 1 - beta);
  });
}

/** As numpy rounds. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
