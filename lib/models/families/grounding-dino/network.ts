import { invalid, type BoundingBox, type RgbImage } from '../../../contracts';
import { resizeRgb } from '../../../image';
import type { Session, Tensor } from '../../../runtime';
import type { Detection, DetectionNetwork } from '../detection';
import {
  checkShape,
  floatsOf,
  misfit,
  named,
  numberTensor,
  toNchw,
  type FloatType,
  type Normalisation,
} from '../tensors';
import { readBertTokenizer, type BertTokenizer } from './tokenizer';

interface Entry {
  id: string;
  input: Normalisation & { size: number; longest: number };
}

/** Tokens that it reads, where its graph leaves it open. */
const LENGTH = 256;

/** Built once for each open graph. */
const tokenizers = new WeakMap<Session, BertTokenizer>();

/** @throws VitrineError INVALID_MODEL where the graph or the tokenizer does not fit */
export function groundingDino({ id, input }: Entry, session: Session, file: string): DetectionNetwork {
  const tokenizer = tokenizers.get(session) ?? readBertTokenizer(file);
  tokenizers.set(session, tokenizer);
  const inputs = (name: string) => named(id, 'input', session.inputs, name);
  const pixels = inputs('pixel_values');
  checkShape(id, pixels, [[1, 3, undefined, undefined]]);
  const scores = named(id, 'output', session.outputs, 'logits');
  checkShape(id, scores, [[1, undefined, undefined]]);
  const [, , words = LENGTH] = scores.shape;
  const most = typeof words === 'number' ? words : LENGTH;
  checkShape(id, named(id, 'output', session.outputs, 'pred_boxes'), [[1, undefined, 4]]);
  const [ids, mask, types] = ['input_ids', 'attention_mask', 'token_type_ids'].map(inputs);
  const pixelMask = session.inputs.find(({ name }) => name === 'pixel_mask');

  return {
    async detect(image, text, threshold, textThreshold) {
      const tokens = tokenizer.encode(text);
      const count = tokens.length;
      if (count > most)
        throw invalid(
          'the text',
          `at most ${most} tokens long`,
          text,
          'Name fewer things, or in fewer words.',
        );
      const fitted = await fit(image, input, pixels.shape);
      const { width, height } = fitted;
      const row = (info: typeof ids, values: number[]) => numberTensor(id, info, values, [1, count]);
      const feeds: Record<string, Tensor> = {
        pixel_values: toNchw(fitted, input, pixels.type as FloatType),
        input_ids: row(ids, tokens),
        attention_mask: row(mask, Array<number>(count).fill(1)),
        token_type_ids: row(types, Array<number>(count).fill(0)),
      };
      if (pixelMask)
        feeds.pixel_mask = numberTensor(id, pixelMask, Array<number>(width * height).fill(1), [
          1,
          height,
          width,
        ]);
      const { logits, pred_boxes } = await session.run(feeds, ['logits', 'pred_boxes']);
      return found(id, { logits, boxes: pred_boxes, image, threshold }, (scores) =>
        tokenizer.decode(phrase(scores, tokens, textThreshold)),
      );
    },
  };
}

/** A picture with its proportions kept; sizes that the graph fixes win. */
async function fit(image: RgbImage, { size, longest }: Entry['input'], shape: readonly (number | string)[]) {
  const { width, height } = image;
  const scale = Math.min(size / Math.min(width, height), longest / Math.max(width, height));
  const side = (length: number, fixed: number | string | undefined) =>
    typeof fixed === 'number' ? fixed : Math.max(1, Math.round(length * scale));
  const [wide, high] = [side(width, shape[3]), side(height, shape[2])];
  return wide === width && high === height ? image : resizeRgb(image, wide, high, 'linear');
}

interface Answer {
  /** [1, boxes, words], before the sigmoid. */
  logits: Tensor;
  /** [1, boxes, 4]: centre, width and height in parts of the picture. */
  boxes: Tensor;
  image: { width: number; height: number };
  threshold: number;
}

function found(
  id: string,
  { logits, boxes, image, threshold }: Answer,
  phraseOf: (scores: Float32Array) => string,
): Detection[] {
  const [, count, words] = logits.dims;
  const [values, places] = [floatsOf(logits), floatsOf(boxes)];
  const result: Detection[] = [];
  for (let i = 0; i < count; i++) {
    // A token that is not there has a score of minus infinity.
    const scores = values.subarray(i * words, (i + 1) * words).map((value) => 1 / (1 + Math.exp(-value)));
    const score = scores.reduce((most, each) => Math.max(most, each), 0);
    if (Number.isNaN(score)) throw misfit(id, 'answers with NaN where scores are expected');
    if (score <= threshold) continue;
    const box = corners(places.subarray(i * 4, i * 4 + 4), image);
    result.push({ box, score, phrase: phraseOf(scores) });
  }
  return result.sort((a, b) => b.score - a.score);
}

/** Centre and size in parts of the picture as a box of pixels within it. */
function corners(
  [x, y, w, h]: Float32Array,
  { width, height }: { width: number; height: number },
): BoundingBox {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value * most));
  const [left, top] = [clamp(x - w / 2, width), clamp(y - h / 2, height)];
  return [left, top, clamp(x + w / 2, width) - left, clamp(y + h / 2, height) - top];
}

/** The tokens that a box answers to, but for those around the text; as `get_phrases_from_posmap` has it. */
function phrase(scores: Float32Array, tokens: readonly number[], threshold: number): number[] {
  return tokens.filter((_, i) => i > 0 && i < scores.length - 1 && scores[i] > threshold);
}
