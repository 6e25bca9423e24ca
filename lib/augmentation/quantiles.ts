/** How many quantiles the kernels choose from by 10 random bits. */
export const QUANTILES = 1024;

/** Quantiles of the standard normal distribution, each the middle of its 1024th. */
export const NORMAL = Float64Array.from({ length: QUANTILES }, (_, at) =>
  normalQuantile((at + 0.5) / QUANTILES),
);

/** Where the normal distribution reaches `share`, 0..1; by bisection, exact to 1e-9. */
function normalQuantile(share: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 34; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The share of the normal distribution below `z`, by the series of Marsaglia (J. Stat. Software 11, 2004). */
function normalShare(z: number): number {
  let [sum, term] = [z, z];
  for (let n = 3; sum + term !== sum; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * z * z - 0.91893853320467274178);
}

/** From this mean on a Poisson distribution is taken to be a normal one with its skewness. */
const MANY = 50;

/**
 * The Poisson distribution of a mean, 0 and up: the share of it, 0..1, that has at most so many events (-1 and up).
 * Of large means by the Cornish-Fisher expansion to its skewness, within 0.001.
 */
export function poissonShare(mean: number): (events: number) => number {
  if (mean >= MANY) {
    const deviation = Math.sqrt(mean);
    return (events) => {
      const z = (events + 0.5 - mean) / deviation;
      return z < -6 ? 0 : z > 6 ? 1 : normalShare(z - (z * z - 1) / (6 * deviation));
    };
  }
  const shares: number[] = [];
  let chance = Math.exp(-mean);
  for (let sum = 0; chance > 1e-9 || shares.length < mean; chance *= mean / shares.length) {
    shares.push((sum += chance));
  }
  return (events) => (events < 0 ? 0 : events < shares.length ? shares[events] : 1);
}
