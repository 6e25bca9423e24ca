import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { VitrineError } from '../../../contracts';

/** Tokens around a text, as BERT has them. */
const [BEGIN, END] = ['[CLS]', '[SEP]'];

/** BERT's WordPiece, lower case. */
export class BertTokenizer {
  constructor(private readonly tokenizer: Tokenizer) {}

  /** The tokens of a text, begin and end included. */
  encode(text: string): number[] {
    return this.tokenizer.encode(text).ids;
  }

  /** The words of some of a text's tokens. */
  decode(ids: number[]): string {
    return ids.length ? this.tokenizer.decode(ids, { skip_special_tokens: true }).trim() : '';
  }
}

/**
 * @param file path of a `tokenizer.json`
 * @throws VitrineError INVALID_MODEL where it holds something else
 */
export function readBertTokenizer(file: string): BertTokenizer {
  let cause: unknown;
  try {
    const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, 'utf8')), {});
    const { ids } = tokenizer.encode('');
    const ends = [BEGIN, END].map((token) => tokenizer.token_to_id(token));
    if (ids.length === 2 && ends.every((id, i) => id === ids[i])) return new BertTokenizer(tokenizer);
  } catch (error) {
    cause = error;
  }
  throw new VitrineError(
    {
      code: 'INVALID_MODEL',
      message: `${file} does not hold BERT's tokenizer`,
      hint: "Download the model's tokenizer again, or correct the source of tokenizer in the registry.",
    },
    { cause },
  );
}
