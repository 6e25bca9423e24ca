/** How many quantiles the kernels choose from by 10 random bits. */
export const QUANTILES = 1024;

/** Quantiles of the standard normal distribution, each the middle of its 1024th. */
export const NORMAL = Float64Array.from({ length: QUANTILES }, (_, at) => normalQuantile((at + 0.5) / QUANTILES));

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

/**
 * Calls `each` for every number of events of a Poisson distribution with the quantiles, as shares 0..1, that it takes.
 * @param mean 0 and up
 */
export function poisson(mean: number, each: (events: number, from: number, to: number) => void): void {
  let from = 0;
  let chance = Math.exp(-mean);
  if (chance === 0) {
    // So far from zero that it is normal.
    const deviation = Math.sqrt(mean);
    NORMAL.forEach((z, at) =>
      each(Math.max(0, Math.round(mean + z * deviation)), at / QUANTILES, (at + 1) / QUANTILES),
    );
    return;
  }
  for (let events = 0; from < 1 && (chance > 1e-9 || events < mean); events++) {
    const to = from + chance;
    each(events, from, to);
    from = to;
    chance *= mean / (events + 1);
  }
}
