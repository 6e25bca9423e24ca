import type { z } from 'zod/v4';
import type { RgbImage } from '../../../contracts';
import type { Session } from '../../../runtime';
import type { DiffusionNetwork, Latents, Planes, Prompt } from '../diffusion';
import { diffusionFields } from '../diffusion-fields';
import {
  checkShape,
  floatTensor,
  floatsOf,
  named,
  numberTensor,
  toNchw,
  turned,
  type FloatType,
} from '../tensors';
import { family } from '../types';
import { readQwenTokenizer, type QwenTokenizer } from './tokenizer';

/** Pixels a side that one cell stands for: the VAE's 8, two by two. */
const CELL = 16;
/** Tokens that the text encoder reads, where its graph leaves it open. */
const LENGTH = 512;
/** Where a token stands: picture, row, column, place in the text. */
const AXES = 4;
/** Bytes to -1..1. */
const CENTRED = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/**
 * FLUX.2 klein with its pre- and post-processing inside the graphs: Qwen3 reads the prompt, a transformer goes from
 * noise to a picture in straight lines, and the VAE's latents come normalised, two by two in one cell.
 */
export const flux2 = family({
  task: 'diffusion',
  roles: ['text_encoder', 'transformer', 'vae_decoder'],
  optionalRoles: ['vae_encoder'],
  texts: ['tokenizer'],
  fields: diffusionFields,
  variantFields: {},
  open,
});

type Entry = { id: string } & z.output<z.ZodObject<typeof diffusionFields>>;
type Graphs = Record<'text_encoder' | 'transformer' | 'vae_decoder', Session> &
  Partial<Record<'vae_encoder', Session>>;

/** Built once for each open encoder. */
const tokenizers = new WeakMap<Session, QwenTokenizer>();

function open(entry: Entry, graphs: Graphs, { tokenizer: file }: { tokenizer: string }): DiffusionNetwork {
  const { id, steps, guidance, size } = entry;
  const { text_encoder: encoder, transformer, vae_decoder: decoder, vae_encoder: imageEncoder } = graphs;
  const tokenizer = tokenizers.get(encoder) ?? readQwenTokenizer(file);
  tokenizers.set(encoder, tokenizer);
  const input = (session: Session, name: string) => named(id, 'input', session.inputs, name);
  const [ids, mask] = [input(encoder, 'input_ids'), input(encoder, 'attention_mask')];
  const length = typeof ids.shape[1] === 'number' ? ids.shape[1] : LENGTH;
  const cells = input(transformer, 'hidden_states');
  const [text, time] = [input(transformer, 'encoder_hidden_states'), input(transformer, 'timestep')];
  const [places, textPlaces] = [input(transformer, 'img_ids'), input(transformer, 'txt_ids')];
  checkShape(id, cells, [[1, undefined, undefined]]);
  const latentInput = input(decoder, 'latents');
  checkShape(id, latentInput, [[1, undefined, undefined, undefined]]);
  const channels = [cells.shape[2], latentInput.shape[1]].find((count) => typeof count === 'number') ?? 128;

  async function read(prompt: string | undefined): Promise<Prompt> {
    const tokens = tokenizer.encode(prompt ?? '', length);
    const feeds = {
      input_ids: numberTensor(id, ids, tokens.ids, [1, length]),
      attention_mask: numberTensor(id, mask, tokens.mask, [1, length]),
    };
    const [{ name }] = encoder.outputs;
    const answer = (await encoder.run(feeds, [name]))[name];
    const states = floatTensor(floatsOf(answer), answer.dims, text.type as FloatType);
    return { feeds: { encoder_hidden_states: states }, dropped: tokens.dropped };
  }

  /** What the transformer says of the cells, as tokens: [1, cells, channels]. */
  async function predictOne({ data, width, height }: Latents, timestep: number, prompt: Prompt) {
    const count = width * height;
    const { encoder_hidden_states: states } = prompt.feeds;
    const [, words] = states.dims;
    const feeds = {
      hidden_states: floatTensor(
        turned(data, channels, count),
        [1, count, channels],
        cells.type as FloatType,
      ),
      encoder_hidden_states: { ...states, data: states.data.slice() },
      // The graph is told the share of noise, 0..1.
      timestep: numberTensor(id, time, [timestep / 1000], time.shape.length ? [1] : []),
      img_ids: numberTensor(id, places, cellPlaces(width, height), [1, count, AXES]),
      txt_ids: numberTensor(id, textPlaces, wordPlaces(words), [1, words, AXES]),
    };
    const [{ name }] = transformer.outputs;
    return turned(floatsOf((await transformer.run(feeds, [name]))[name]), count, channels);
  }

  async function decode({ data, width, height }: Latents): Promise<Planes> {
    const latents = floatTensor(data, [1, channels, height, width], latentInput.type as FloatType);
    const [{ name }] = decoder.outputs;
    const answer = (await decoder.run({ latents }, [name]))[name];
    return { data: floatsOf(answer), width: answer.dims[3], height: answer.dims[2] };
  }

  return {
    schedule: { scheduler: 'flow-match-euler' },
    ...{ steps, guidance, size, channels, read, decode },
    guidesItself: false,
    multiple: CELL,
    cell: CELL,
    encode: imageEncoder && encoderOf(id, imageEncoder),
    async predict(latents, timestep, prompts) {
      const answers: Float32Array[] = [];
      for (const prompt of prompts) answers.push(await predictOne(latents, timestep, prompt));
      return answers;
    },
  };
}

function encoderOf(id: string, session: Session) {
  const { type } = named(id, 'input', session.inputs, 'image');
  return async (picture: RgbImage): Promise<Latents> => {
    const [{ name }] = session.outputs;
    const answer = (await session.run({ image: toNchw(picture, CENTRED, type as FloatType) }, [name]))[name];
    const [, channels, height, width] = answer.dims;
    return { data: floatsOf(answer), channels, width, height };
  };
}

function cellPlaces(width: number, height: number): number[] {
  return Array.from({ length: width * height }, (_, i) => [0, Math.floor(i / width), i % width, 0]).flat();
}

function wordPlaces(count: number): number[] {
  return Array.from({ length: count }, (_, i) => [0, 0, 0, i]).flat();
}
