import { VitrineError, throwIfAborted } from '../contracts';
import type { DiffusionNetwork, Latents, Prompt } from '../models';
import { putBack, type Kept } from './keep';
import type { Noise } from './noise';
import type { Scheduler } from './schedulers';

export interface DenoiseOptions {
  network: DiffusionNetwork;
  scheduler: Scheduler;
  prompt: Prompt;
  /** Steered away from; undefined where nothing guides. */
  negative?: Prompt;
  /** How far the prompt is followed beyond what the network would do by itself; 1: not at all. */
  guidance: number;
  noise: Noise;
  /** Cells of the latents. */
  width: number;
  height: number;
  kept?: Kept;
  signal: AbortSignal;
  /** Told after each of `steps` steps; the latents are its to keep. */
  onStep?(step: number, steps: number, latents: Float32Array): void;
}

/**
 * Draws a picture's latents out of noise. Noise is drawn in diffusers' order: the start first, then step by step.
 * @throws VitrineError INVALID_MODEL where the network's numbers are not finite; CANCELLED between steps
 */
export async function denoise(options: DenoiseOptions): Promise<Latents> {
  const { network, scheduler, noise, width, height, kept, signal } = options;
  const { channels } = network;
  const count = channels * width * height;
  const start = noise.normal(count);
  const steps = scheduler.timesteps.length;
  let latents: Float32Array = start.map((value) => value * scheduler.initialScale);
  for (const [i, timestep] of scheduler.timesteps.entries()) {
    throwIfAborted(signal);
    const data = scheduler.scaleInput(latents, i);
    const answer = await guided({ data, channels, width, height }, timestep, options);
    latents = scheduler.step(answer, i, latents, () => noise.normal(count));
    if (kept) latents = putBack(latents, scheduler.addNoise(kept.latents.data, start, i + 1), kept.cells);
    checkFinite(latents, `step ${i + 1} of ${steps}`);
    options.onStep?.(i + 1, steps, latents);
  }
  throwIfAborted(signal);
  return { data: latents, channels, width, height };
}

/** Classifier-free guidance (Ho, Salimans 2022): away from what the network says of the negative prompt. */
async function guided(
  latents: Latents,
  timestep: number,
  { network, prompt, negative, guidance }: DenoiseOptions,
): Promise<Float32Array> {
  const prompts = negative ? [negative, prompt] : [prompt];
  const answers = await network.predict(latents, timestep, prompts, guidance);
  if (!negative) return answers[0];
  const [away, towards] = answers;
  return towards.map((value, at) => away[at] + guidance * (value - away[at]));
}

/** A network has computed nonsense. */
export class NotFinite extends VitrineError {}

/**
 * Half precision overflows in graphs that were not made for it, and what follows is black.
 * @param where for the message
 * @throws NotFinite INVALID_MODEL
 */
export function checkFinite(values: Float32Array, where: string): void {
  let check = 0;
  // Zero unless a value is not finite: several times faster than asking of each.
  for (let i = 0; i < values.length; i++) check += values[i] * 0;
  if (check === 0) return;
  throw new NotFinite({
    code: 'INVALID_MODEL',
    message: `The generator's numbers were not finite after ${where}`,
    hint: 'Its half precision may overflow: set USE_FP16=false, or choose the device cpu or another model. The network is loaded anew for the next job.',
  });
}
