import type { Session, Tensor } from '../../../runtime';
import { floatsOf, misfit, named, numberTensor } from '../tensors';
import type { ClipTokenizer } from './tokenizer';

/** Tokens that CLIP reads, where the graph leaves it open. */
const CLIP_LENGTH = 77;

/** What one text encoder says of a text. */
export interface Reading {
  /** [1, tokens, width] */
  hidden: Float32Array;
  tokens: number;
  width: number;
  /** The text as one vector, where the graph tells it. */
  pooled?: Float32Array;
  dropped?: string;
}

export type TextEncoder = (text: string) => Promise<Reading>;

interface EncoderOptions {
  tokenizer: ClipTokenizer;
  /** SDXL's encoders give the layer before the last; the others their last, normalised state. */
  penultimate: boolean;
}

/** @throws VitrineError INVALID_MODEL where the graph lacks what is read of it */
export function textEncoder(
  model: string,
  session: Session,
  { tokenizer, penultimate }: EncoderOptions,
): TextEncoder {
  const input = named(model, 'input', session.inputs, 'input_ids');
  const [, fixed] = input.shape;
  const length = typeof fixed === 'number' ? fixed : CLIP_LENGTH;
  const hidden = penultimate ? penultimateOf(model, session) : 'last_hidden_state';
  named(model, 'output', session.outputs, hidden);
  return async (text) => {
    const { ids, dropped } = tokenizer.encode(text, length);
    const feeds = { input_ids: numberTensor(model, input, ids, [1, length]) };
    const answer: Partial<Record<string, Tensor>> = await session.run(feeds, [hidden], {
      outputs: ['text_embeds'],
    });
    const states = answer[hidden]!;
    const [, tokens, width] = states.dims;
    const pooled = answer.text_embeds;
    return { hidden: floatsOf(states), tokens, width, pooled: pooled && floatsOf(pooled), dropped };
  };
}

/** The layer before the last: exports number the states from the embeddings, 0, to the last layer. */
function penultimateOf(model: string, { outputNames }: Session): string {
  const layers = outputNames
    .map((name) => /^hidden_states\.(\d+)$/.exec(name)?.[1])
    .flatMap((layer) => (layer === undefined ? [] : [Number(layer)]));
  if (layers.length < 2) {
    throw misfit(model, `has no outputs hidden_states.0, hidden_states.1 …, only ${outputNames.join(', ')}`);
  }
  return `hidden_states.${Math.max(...layers) - 1}`;
}
