import { join } from 'node:path';
import type { Prompt } from '../../lib/models';
import { Networks } from '../../lib/models';
import { denoise } from '../../lib/diffusion/denoise';
import { Noise } from '../../lib/diffusion/noise';
import { schedulerFor } from '../../lib/diffusion/schedulers';
import { termsFor, type Wishes } from '../../lib/diffusion/terms';
import { linux } from '../runtime/support';
import { fixtures, modelsFolder } from '../models/support';

/** What the tiny networks of test/reference/diffusion.py were made for: pictures of 64 x 64 pixels. */
export const SIDE = 64;
const size = { width: SIDE, height: SIDE };

const source = (path: string) => ({ sources: [`file:${join(fixtures, path)}`] });
const graph = (folder: string, role: string) => ({ role, ...source(`${folder}/${role}.onnx`) });
const clip = ['vocab.json', 'merges.txt'].map((name) => ({
  role: name.split('.')[0],
  ...source(`clip/${name}`),
}));

const common = {
  name: 'Tiny generator',
  description: 'A network of the tests.',
  license: 'MIT',
  family: 'stable-diffusion',
  size: SIDE,
};

/** An entry for tiny Stable Diffusion, trained as SD-Turbo says. */
export function turbo(changes: object = {}): Record<string, unknown> {
  const roles = ['text_encoder', 'unet', 'vae_decoder', 'vae_encoder'];
  return {
    ...{ ...common, id: 'tiny-sd' },
    files: [...roles.map((role) => graph('tiny-sd', role)), ...clip],
    scheduler: 'euler',
    spacing: 'trailing',
    vaeScale: 0.18215,
    padding: ['!'],
    steps: { default: 1, most: 4 },
    ...changes,
  };
}

const made: Networks[] = [];

/** Networks of these entries, disposed by `dispose`. */
export function networksOf(entries: object[], changes: object = {}): Networks {
  const all = new Networks({ modelsDir: modelsFolder(entries), threads: 1, host: linux, ...changes });
  made.push(all);
  return all;
}

export async function dispose(): Promise<void> {
  for (const each of made.splice(0)) await each.dispose();
}

export async function open(networks: Networks, id: string) {
  const { signal } = new AbortController();
  return networks.open({ id, task: 'diffusion', device: 'cpu', strictDevice: true, signal });
}

/** Draws the latents of a picture as `Painter` does, and keeps those after each step. */
export async function drawLatents(entry: object, wishes: Wishes, seed: number) {
  const { network } = await open(networksOf([entry]), (entry as { id: string }).id);
  const terms = termsFor('tiny', network, wishes);
  const prompt = await network.read(wishes.prompt, size);
  const negative: Prompt | undefined =
    terms.negative === undefined ? undefined : await network.read(terms.negative || undefined, size);
  const [width, height] = [SIDE / network.cell, SIDE / network.cell];
  const scheduler = schedulerFor(network.schedule, terms.steps, width * height);
  const steps: Float32Array[] = [];
  const latents = await denoise({
    ...{ network, scheduler, prompt, negative, guidance: terms.guidance, width, height },
    noise: new Noise(seed),
    signal: new AbortController().signal,
    onStep: (_step, _steps, latents) => steps.push(latents),
  });
  const picture = await network.decode(latents);
  return { timesteps: scheduler.timesteps, steps, picture };
}

/** The largest difference of two lists of numbers of the same length. */
export function distance(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(values).toHaveLength(expected.length);
  return Array.from(values).reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
}
