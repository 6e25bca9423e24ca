import { z } from 'zod/v4';
import { expected } from '../expected';

const count = 'a whole number from 1 to 100';
const steps = z.strictObject({
  default: expected(z.int().min(1).max(100), count),
  most: expected(z.int().min(1).max(100).default(100), count),
});

/** What every generator's entry says. */
export const diffusionFields = {
  /** It draws pictures of about `size` x `size` pixels. */
  size: expected(z.int().min(16).max(4096), 'a whole number from 16 to 4096'),
  /** Steps where none are asked for, and the most that it was trained for. */
  steps: expected(steps, 'an object with default and most, whole numbers from 1 to 100'),
  /** Guidance where none is asked for; without it the network was trained to draw unguided. */
  guidance: expected(z.number().min(1).max(20).optional(), 'a number from 1 to 20'),
  /** Megabytes that a run takes beside the weights, for a megapixel of the picture. */
  workingMb: expected(z.int().min(0).default(3000), 'megabytes, a whole number from 0'),
};
