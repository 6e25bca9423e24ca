import type { DiffusionNetwork } from '../models';

/** What a picture is asked to be. */
export interface Wishes {
  prompt: string;
  negativePrompt?: string;
  /** Default: the network's own. */
  steps?: number;
  /** Default: the network's own. */
  guidance?: number;
}

/** What a network does of it. */
export interface Terms {
  steps: number;
  /** 1: the network draws unguided. */
  guidance: number;
  /** What pictures are steered away from: a text, empty or not; undefined where nothing steers. */
  negative?: string;
  warnings: string[];
}

/** Brings wishes within what a network was trained for, and says where they had no effect. */
export function termsFor(
  id: string,
  network: Pick<DiffusionNetwork, 'steps' | 'guidance' | 'guidesItself'>,
  wishes: Wishes,
): Terms {
  const { steps: wanted = network.steps.default, negativePrompt = '' } = wishes;
  const warnings: string[] = [];
  const steps = Math.min(wanted, network.steps.most);
  if (steps < wanted) warnings.push(`${id} draws in at most ${steps} steps: ${wanted} would be no better.`);
  const unguided = network.guidance === undefined;
  const guidance = unguided ? 1 : (wishes.guidance ?? network.guidance);
  if (unguided && (wishes.guidance ?? 1) > 1) {
    warnings.push(
      `guidance_scale ${wishes.guidance} had no effect: ${id} was trained to draw without guidance.`,
    );
  }
  const steers = guidance > 1 && !network.guidesItself;
  if (negativePrompt.trim() && !steers) {
    const why =
      unguided || network.guidesItself ? `${id} cannot be steered away from anything` : 'guidance_scale is 1';
    warnings.push(`The negative prompt had no effect: ${why}.`);
  }
  return { steps, guidance, negative: steers ? negativePrompt.trim() : undefined, warnings };
}
