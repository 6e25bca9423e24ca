import { Noise } from '../../lib/diffusion/noise';
import reference from '../reference/diffusion.json';
import { distance } from './support';

test.each(Object.entries(reference.noise))('seed %s gives the noise of torch', (seed, expected) => {
  const noise = new Noise(Number(seed));
  for (const [i, count] of [16, 37, 4096, 1003].entries()) {
    expect(distance(noise.normal(count).slice(-24), expected[i])).toBeLessThan(2e-6);
  }
});
