import { join } from 'node:path';
import { readQwenTokenizer } from '../../../lib/models/families/flux2/tokenizer';
import { prompts } from '../../reference/clip.json';
import reference from '../../reference/flux2.json';
import { fixtures } from '../support';

const LENGTH = 48;
const tokenizer = readQwenTokenizer(join(fixtures, 'tiny-flux2', 'tokenizer.json'));

test('200 prompts in their template become the ids of transformers', () => {
  const whole = reference.ids.map((row) => [
    ...row,
    ...Array<number>(LENGTH - row.length).fill(reference.pad),
  ]);
  expect(prompts.map((text) => tokenizer.encode(text, LENGTH).ids)).toEqual(whole);
});

test('padding is masked, and what did not fit is told', () => {
  const { ids, mask, dropped } = tokenizer.encode('a mug', LENGTH);
  const text = mask.lastIndexOf(1) + 1;
  expect(mask).toEqual([...Array(text).fill(1), ...Array(LENGTH - text).fill(0)]);
  expect(ids.slice(text).every((id) => id === reference.pad)).toBe(true);
  expect(dropped).toBeUndefined();
  expect(tokenizer.encode(`${'a '.repeat(100)} naïve ☕`, LENGTH).dropped).toMatch(/^a a .* naïve ☕$/);
});

test('a file that holds something else is named', () => {
  expect(() => readQwenTokenizer(join(fixtures, 'clip', 'vocab.json'))).toThrow(
    expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining('vocab.json') }),
  );
});
