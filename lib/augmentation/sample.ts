import type { Pipeline } from './pipelines';
import { Random, seedOf } from './random';
import { type AugmentationRecord, type DrawnStep, RECORD_VERSION } from './record';
import { type Step, transformOf } from './steps';
import type { Size } from './types';

/**
 * Decides what happens to one picture. Each step has random numbers of its own: what one draws does not depend on what
 * others have drawn.
 * @param seed a whole number from 0 to 2^53 - 1, as `seedOf` gives it
 * @param size of the picture, in pixels
 */
export function samplePipeline(pipeline: Pipeline, seed: number, size: Size): AugmentationRecord {
  const { name, digest, fill, steps } = pipeline;
  const { width, height } = size;
  const drawn = steps.flatMap((step, at) => draw(step, [seed, at], size));
  return { version: RECORD_VERSION, pipeline: name, digest, seed, width, height, fill, steps: drawn };
}

/** @param path the seed, and the places that lead to the step in its pipeline */
function draw(step: Step, path: number[], size: Size, certain = false): DrawnStep[] {
  const random = new Random(seedOf(...path));
  if (random.uniform() >= step.probability && !certain) return [];
  if ('one_of' in step) {
    const at = weighted(step.one_of, random);
    return draw(step.one_of[at], [...path, at], size, true);
  }
  if ('some_of' in step) {
    const count = random.whole(...step.pick);
    const chosen = random.shuffle([...step.some_of.keys()]).slice(0, count);
    return chosen.sort((a, b) => a - b).flatMap((at) => draw(step.some_of[at], [...path, at], size));
  }
  const values = transformOf(step.transform).draw(step.asked, random, size) as object;
  return [{ transform: step.transform, ...values }];
}

/** One place of a list, as likely as its probability says beside the others. */
function weighted(steps: readonly Step[], random: Random): number {
  const sum = steps.reduce((total, { probability }) => total + probability, 0);
  let rest = random.uniform(0, sum);
  const at = steps.findIndex(({ probability }) => (rest -= probability) < 0);
  return at < 0 ? steps.length - 1 : at;
}
