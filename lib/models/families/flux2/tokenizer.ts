import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { VitrineError } from '../../../contracts';

/** What Qwen3's chat template puts around a user's only message, without thinking. */
const [BEFORE, AFTER] = ['<|im_start|>user\n', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'];
const PADDING = '<|endoftext|>';

/** A prompt as Qwen3 takes it. */
export interface Tokens {
  /** Exactly as many as asked for. */
  ids: number[];
  /** 1: text, 0: padding. */
  mask: number[];
  /** The end of the text that did not fit. */
  dropped?: string;
}

/** Qwen's byte-pair encoding, with its chat template. */
export class QwenTokenizer {
  /** @param padding the token that fills up a short text */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly padding: number,
  ) {}

  /** @param length tokens in all, the template's included */
  encode(text: string, length: number): Tokens {
    const ids = this.tokenizer.encode(BEFORE + text + AFTER).ids.slice(0, length);
    const rest = this.tokenizer.encode(BEFORE + text).ids.slice(length);
    const free = length - ids.length;
    return {
      ids: [...ids, ...Array<number>(free).fill(this.padding)],
      mask: [...Array<number>(ids.length).fill(1), ...Array<number>(free).fill(0)],
      dropped: rest.length ? this.tokenizer.decode(rest).trim() : undefined,
    };
  }
}

/**
 * @param file path of a `tokenizer.json`
 * @throws VitrineError INVALID_MODEL where it holds something else
 */
export function readQwenTokenizer(file: string): QwenTokenizer {
  let cause: unknown;
  try {
    const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, 'utf8')), {
      clean_up_tokenization_spaces: false,
    });
    const padding = tokenizer.token_to_id(PADDING);
    if (padding !== undefined) return new QwenTokenizer(tokenizer, padding);
  } catch (error) {
    cause = error;
  }
  throw new VitrineError(
    {
      code: 'INVALID_MODEL',
      message: `${file} does not hold Qwen's tokenizer`,
      hint: "Download the model's tokenizer again, or correct the source of tokenizer in the registry.",
    },
    { cause },
  );
}
