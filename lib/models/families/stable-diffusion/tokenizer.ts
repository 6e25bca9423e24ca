import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { VitrineError } from '../../../contracts';

const [BEGIN, END] = ['<|startoftext|>', '<|endoftext|>'];

/** CLIP's words: as openai/CLIP's simple_tokenizer.py and transformers' CLIPTokenizer have them. */
const WORDS = `${BEGIN}|${END}|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+`.replaceAll(
  '<|',
  '<\\|',
);

/** A text as a text encoder takes it. */
export interface Tokens {
  /** Exactly as many as asked for: begin, text, end, padding. */
  ids: number[];
  /** The end of the text that did not fit. */
  dropped?: string;
}

/** CLIP's byte-pair encoding, lower case. */
export class ClipTokenizer {
  private readonly tokenizer: Tokenizer;

  /**
   * @param vocab ids by token
   * @param merges pairs with a blank between them, best first
   * @param padding the token that fills up a short text; in a text it stands for itself, as in transformers
   */
  constructor(
    vocab: Record<string, number>,
    merges: readonly string[],
    private readonly padding: string,
  ) {
    const special = [...new Set([BEGIN, END, padding])].map((content) => ({
      ...{ id: vocab[content], content, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    }));
    this.tokenizer = new Tokenizer(
      {
        added_tokens: special,
        normalizer: {
          type: 'Sequence',
          normalizers: [
            { type: 'NFC' },
            { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
            { type: 'Lowercase' },
          ],
        },
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
            { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
          ],
        },
        post_processor: null,
        decoder: { type: 'ByteLevel' },
        model: { type: 'BPE', vocab, merges, end_of_word_suffix: '</w>', unk_token: END },
      },
      { clean_up_tokenization_spaces: false },
    );
  }

  /** @param length tokens in all, begin and end included */
  encode(text: string, length: number): Tokens {
    const { ids } = this.tokenizer.encode(text);
    const [begin, end, pad] = [BEGIN, END, this.padding].map((token) => this.tokenizer.token_to_id(token)!);
    const kept = ids.slice(0, length - 2);
    const rest = ids.slice(length - 2);
    return {
      ids: [begin, ...kept, end, ...Array<number>(length - 2 - kept.length).fill(pad)],
      dropped: rest.length ? this.tokenizer.decode(rest).trim() : undefined,
    };
  }
}

/**
 * @param files paths of `vocab.json` and `merges.txt`, as publishers of Stable Diffusion have them
 * @throws VitrineError INVALID_MODEL where they hold something else
 */
export function readClipTokenizer(
  { vocab, merges }: { vocab: string; merges: string },
  padding: string,
): ClipTokenizer {
  const words = readVocabulary(vocab, padding);
  const pairs = readFileSync(merges, 'utf8')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line && !line.startsWith('#version'));
  const wrong = pairs.find((pair) => pair.split(' ').length !== 2);
  if (wrong !== undefined || !pairs.length) throw unreadable(merges, 'pairs of tokens');
  return new ClipTokenizer(words, pairs, padding);
}

function readVocabulary(file: string, padding: string): Record<string, number> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unreadable(file, 'JSON', error);
  }
  const words = (value ?? {}) as Record<string, number>;
  const needed = [BEGIN, END, padding];
  if (needed.every((token) => Number.isInteger(words[token]))) return words;
  throw unreadable(file, `tokens by their ids, ${needed.join(' and ')} among them`);
}

function unreadable(file: string, expected: string, cause?: unknown): VitrineError {
  return new VitrineError(
    {
      code: 'INVALID_MODEL',
      message: `${file} does not hold ${expected}`,
      hint: "Download the model's tokenizer again, or correct the sources of vocab and merges in the registry.",
    },
    { cause },
  );
}
