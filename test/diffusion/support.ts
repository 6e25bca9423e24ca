import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alpha, Device, RgbImage } from '../../lib/contracts';
import { type Prompt, Networks } from '../../lib/models';
import { denoise } from '../../lib/diffusion/denoise';
import { keptCells } from '../../lib/diffusion/keep';
import { Noise } from '../../lib/diffusion/noise';
import { schedulerFor } from '../../lib/diffusion/schedulers';
import { termsFor, type Wishes } from '../../lib/diffusion/terms';
import type { Runtime } from '../../lib/runtime';
import { linux, nvidia } from '../runtime/support';
import { fixtures, modelsFolder } from '../models/support';

/** What the tiny networks of test/reference/diffusion.py were made for: pictures of 64 x 64 pixels. */
export const SIDE = 64;
const SQUARE = { width: SIDE, height: SIDE };

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

/** A models folder in which `tiny-sd`, and `others`, are ready to draw. */
export function generatingModels(folder: string, others: object[] = []): string {
  const models = join(folder, 'models');
  mkdirSync(models, { recursive: true });
  writeFileSync(join(models, 'registry.local.json'), JSON.stringify({ models: [turbo(), ...others] }));
  return models;
}

/** An entry for a tiny latent consistency model. */
export function consistency(): Record<string, unknown> {
  const files = [
    ...['text_encoder', 'vae_decoder'].map((role) => graph('tiny-sd', role)),
    graph('tiny-lcm', 'unet'),
    ...clip,
  ];
  return turbo({ id: 'tiny-lcm', files, scheduler: 'lcm', steps: { default: 4 }, guidance: 6 });
}

/** An entry for tiny SDXL, whose denoiser keeps its weights in a file beside it. */
export function xl(changes: object = {}): Record<string, unknown> {
  const roles = ['text_encoder', 'text_encoder_2', 'unet', 'vae_decoder', 'vae_encoder'];
  return {
    ...{ ...common, id: 'tiny-xl' },
    files: [...roles.map((role) => graph('tiny-xl', role)), source('tiny-xl/unet.onnx_data'), ...clip],
    vaeScale: 0.13025,
    padding: ['<|endoftext|>', '!'],
    emptyIsZeros: true,
    steps: { default: 20 },
    guidance: 7.5,
    ...changes,
  };
}

/** The same with a denoiser in half precision. */
export function halfXl(changes: object = {}): Record<string, unknown> {
  const { files } = xl() as { files: { role?: string }[] };
  const half = { role: 'unet', ...source('tiny-xl/unet_fp16.onnx') };
  return xl({ files: [...files.filter(({ role }) => role && role !== 'unet'), half], ...changes });
}

/** An entry for a tiny FLUX.2 klein. */
export function flux(changes: object = {}): Record<string, unknown> {
  const roles = ['text_encoder', 'transformer', 'vae_decoder', 'vae_encoder'];
  const tokenizer = { role: 'tokenizer', ...source('tiny-flux2/tokenizer.json') };
  return {
    ...{ ...common, id: 'tiny-flux2', family: 'flux2' },
    files: [...roles.map((role) => graph('tiny-flux2', role)), tokenizer],
    steps: { default: 4 },
    ...changes,
  };
}

/** A picture and where its product is; test/reference/diffusion.py makes the same. */
export function product(): { image: RgbImage; mask: Alpha } {
  const image = { data: new Uint8Array(SIDE * SIDE * 3), ...SQUARE };
  const mask = { data: new Uint8Array(SIDE * SIDE), ...SQUARE };
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at++) {
      image.data.set([(x * 3) % 256, (y * 3) % 256, (x + y) % 256], at * 3);
      mask.data[at] = x >= 20 && x < 41 && y >= 17 && y < 50 ? 255 : 0;
    }
  }
  return { image, mask };
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

export async function open(networks: Networks, id: string, device: Device = 'cpu') {
  const { signal } = new AbortController();
  return networks.open({ id, task: 'diffusion', device, strictDevice: true, signal });
}

interface Asked {
  seed: number;
  /** Pixels. */
  size?: { width: number; height: number };
  around?: { image: RgbImage; mask: Alpha };
  runtime?: Runtime;
}

/** Draws the latents of a picture as `Painter` does, and keeps those after each step. */
export async function drawLatents(
  entry: object,
  wishes: Wishes,
  { seed, around, runtime, size = SQUARE }: Asked,
) {
  // A runtime of the test's own poses as a card.
  const [host, device] = runtime ? ([nvidia, 'cuda'] as const) : ([linux, 'cpu'] as const);
  const networks = networksOf([entry], { runtime, host });
  const { network } = await open(networks, (entry as { id: string }).id, device);
  const terms = termsFor('tiny', network, wishes);
  const prompt = await network.read(wishes.prompt, size);
  const negative: Prompt | undefined =
    terms.negative === undefined ? undefined : await network.read(terms.negative || undefined, size);
  const [width, height] = [size.width / network.cell, size.height / network.cell];
  const scheduler = schedulerFor(network.schedule, terms.steps, width * height);
  const kept = around && {
    latents: await network.encode!(around.image),
    cells: keptCells(around.mask, network.cell),
  };
  const steps: Float32Array[] = [];
  const latents = await denoise({
    ...{ network, scheduler, prompt, negative, guidance: terms.guidance, width, height, kept },
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
