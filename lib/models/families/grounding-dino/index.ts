import { z } from 'zod/v4';
import { expected } from '../../expected';
import { family } from '../types';
import { groundingDino as open } from './network';

const side = (text: string) => expected(z.int().min(32).max(4096), text);
const triple = (min: number, text: string) =>
  expected(z.array(z.number().min(min).max(1000)).length(3), text);

const input = z.strictObject({
  /** Pixels that the shorter side of a picture is brought to; the longer one stays under `longest`. */
  size: side('a whole number from 32 to 4096'),
  longest: side('a whole number from 32 to 4096'),
  mean: triple(-1000, 'three numbers'),
  std: triple(1e-6, 'three numbers over 0'),
});

/** Grounding DINO, which finds what a text names: BERT reads, the graph answers with boxes and a score for each word. */
export const groundingDino = family({
  task: 'detection',
  roles: ['graph'],
  texts: ['tokenizer'],
  fields: { input: expected(input, 'an object with size, longest, mean and std') },
  variantFields: {},
  open: (entry, { graph }, { tokenizer }) => open(entry, graph, tokenizer),
});
