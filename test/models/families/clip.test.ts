import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClipTokenizer } from '../../../lib/models/families/stable-diffusion/tokenizer';
import reference from '../../reference/clip.json';
import { fixtures } from '../support';

const vocab = join(fixtures, 'clip', 'vocab.json');
const merges = join(fixtures, 'clip', 'merges.txt');
const tokenizerFor = (padding: string) => readClipTokenizer({ vocab, merges }, padding);
const LENGTH = 77;

test.each(['<|endoftext|>', '!'] as const)(
  '200 prompts become the ids of transformers, padded with %s',
  (padding) => {
    const { pad, ids } = reference[padding];
    expect(reference.prompts).toHaveLength(200);
    const whole = ids.map((row) => [...row, ...Array<number>(LENGTH - row.length).fill(pad)]);
    const tokenizer = tokenizerFor(padding);
    expect(reference.prompts.map((text) => tokenizer.encode(text, LENGTH).ids)).toEqual(whole);
  },
);

test('what did not fit is told, and nothing where all did', () => {
  const drop = (text: string) => tokenizerFor('!').encode(text, LENGTH).dropped;
  const read = (count: number) => drop(`a mug ${'very '.repeat(count)}red`);
  expect([read(71), read(72), read(73), read(75)]).toEqual([undefined, undefined, 'red', 'very very red']);
  expect(drop('')).toBeUndefined();
  expect(drop('a '.repeat(75) + 'naïve Straße ☕')).toBe('naïve straße ☕');
});

describe('files that hold something else', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'vt-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['vocab', 'not json', /does not hold JSON/],
    ['vocab', '{"a": 1}', /tokens by their ids/],
    ['merges', '#version: 0.2\na b c\n', /pairs of tokens/],
    ['merges', '', /pairs of tokens/],
  ])('%s with %j is named', (name, text, message) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    const read = () => readClipTokenizer({ ...{ vocab, merges }, [name]: file }, '!');
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });
});
