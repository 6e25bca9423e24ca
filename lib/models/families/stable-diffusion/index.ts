import { z } from 'zod/v4';
import type { Session, TensorInfo } from '../../../runtime';
import { expected, shortText } from '../../expected';
import type { DiffusionNetwork, Prompt } from '../diffusion';
import { diffusionFields } from '../diffusion-fields';
import { floatTensor, misfit, type FloatType } from '../tensors';
import { family } from '../types';
import { textEncoder, type Reading } from './text';
import { readClipTokenizer, type ClipTokenizer } from './tokenizer';
import { unet } from './unet';
import { vaeDecoder, vaeEncoder } from './vae';

/** Pixels a side that one cell of the latents stands for, in every network of this family. */
const CELL = 8;
/** Sides that the denoiser can halve three times. */
const MULTIPLE = 64;

const fields = {
  ...diffusionFields,
  scheduler: expected(
    z.enum(['euler', 'euler-ancestral', 'lcm']).default('euler'),
    'euler, euler-ancestral or lcm',
  ),
  spacing: expected(z.enum(['leading', 'trailing']).default('leading'), 'leading or trailing'),
  prediction: expected(z.enum(['epsilon', 'v_prediction']).default('epsilon'), 'epsilon or v_prediction'),
  /** What the latents of a picture are multiplied by. */
  vaeScale: expected(z.number().positive(), 'a number over 0, such as 0.13025'),
  /** The token that fills up a short prompt, for each text encoder. */
  padding: expected(
    z.array(shortText).min(1).max(2),
    'a list of one or two tokens, such as ["<|endoftext|>", "!"]',
  ),
  /** An empty negative prompt is all zeros, as diffusers' force_zeros_for_empty_prompt has it. */
  emptyIsZeros: expected(z.boolean().default(false), 'true or false'),
};

/** Stable Diffusion and its kin: CLIP reads the prompt, a U-Net takes the noise away, a VAE makes the picture. */
export const stableDiffusion = family({
  task: 'diffusion',
  roles: ['text_encoder', 'unet', 'vae_decoder'],
  optionalRoles: ['text_encoder_2', 'vae_encoder'],
  texts: ['vocab', 'merges'],
  fields,
  variantFields: {},
  open,
});

type Entry = { id: string } & z.output<z.ZodObject<typeof fields>>;
type Graphs = Record<'text_encoder' | 'unet' | 'vae_decoder', Session> &
  Partial<Record<'text_encoder_2' | 'vae_encoder', Session>>;
type Texts = Record<'vocab' | 'merges', string>;

/** Built once for each open encoder. */
const tokenizers = new WeakMap<Session, ClipTokenizer>();

function tokenizerOf(session: Session, texts: Texts, padding: string): ClipTokenizer {
  const known = tokenizers.get(session);
  if (known) return known;
  const read = readClipTokenizer(texts, padding);
  tokenizers.set(session, read);
  return read;
}

function open(entry: Entry, graphs: Graphs, texts: Texts): DiffusionNetwork {
  const { id, padding, vaeScale, scheduler, spacing, prediction } = entry;
  const { steps, guidance, size } = entry;
  const denoiser = unet(id, graphs.unet);
  const { channels } = denoiser;
  const isXl = graphs.unet.inputNames.includes('text_embeds');
  const encoders = [graphs.text_encoder, graphs.text_encoder_2].filter((each) => each !== undefined);
  if (isXl && encoders.length < 2) throw misfit(id, 'asks for text_embeds, which only a text_encoder_2 has');
  const readers = encoders.map((session, i) =>
    textEncoder(id, session, {
      tokenizer: tokenizerOf(session, texts, padding[i] ?? padding[0]),
      penultimate: isXl,
    }),
  );
  const decode = vaeDecoder(id, graphs.vae_decoder, vaeScale);
  const encode = graphs.vae_encoder && vaeEncoder(id, graphs.vae_encoder, vaeScale, channels);
  const typeOf = (name: string) => graphs.unet.inputs.find((input) => input.name === name)!.type as FloatType;

  /** Both encoders' states side by side; of the second also the text as one vector, and the sizes that SDXL asks for. */
  async function read(text: string | undefined, picture: { width: number; height: number }): Promise<Prompt> {
    const readings: Reading[] = [];
    for (const reader of readers) readings.push(await reader(text ?? ''));
    const [{ tokens, dropped }] = readings;
    const width = readings.reduce((sum, reading) => sum + reading.width, 0);
    const { pooled } = readings[readings.length - 1];
    const states = sideBySide(readings, tokens, width);
    if (text === undefined && entry.emptyIsZeros) {
      states.fill(0);
      pooled?.fill(0);
    }
    const feeds: Prompt['feeds'] = {
      encoder_hidden_states: floatTensor(states, [1, tokens, width], typeOf('encoder_hidden_states')),
    };
    if (isXl) {
      if (!pooled) throw misfit(id, 'has no output text_embeds in its text_encoder_2');
      // Original size, upper left corner of the crop, target size: each row before column.
      const sizes = [picture.height, picture.width, 0, 0, picture.height, picture.width];
      feeds.text_embeds = floatTensor(pooled, [1, pooled.length], typeOf('text_embeds'));
      feeds.time_ids = floatTensor(Float32Array.from(sizes), [1, sizes.length], typeOf('time_ids'));
    }
    return { feeds, dropped };
  }

  return {
    schedule: { scheduler, spacing, prediction },
    ...{ steps, guidance, size, channels, read, decode, encode },
    cell: CELL,
    multiple: MULTIPLE,
    fixed: fixedSize(denoiser.sample),
    guidesItself: denoiser.guidesItself,
    predict: denoiser.predict,
  };
}

/** Pixels of the only picture that a graph draws. */
function fixedSize({ shape: [, , height, width] }: TensorInfo) {
  const isFixed = typeof width === 'number' && typeof height === 'number';
  return isFixed ? { width: width * CELL, height: height * CELL } : undefined;
}

function sideBySide(readings: readonly Reading[], tokens: number, width: number): Float32Array {
  const all = new Float32Array(tokens * width);
  let left = 0;
  for (const { hidden, width: own } of readings) {
    for (let row = 0; row < tokens; row++)
      all.set(hidden.subarray(row * own, (row + 1) * own), row * width + left);
    left += own;
  }
  return all;
}
