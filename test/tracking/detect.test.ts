import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RgbImage } from '../../lib/contracts';
import type { Detection, DetectionNetwork } from '../../lib/models';
import { readBertTokenizer } from '../../lib/models/families/grounding-dino/tokenizer';
import { detect } from '../../lib/tracking';
import { distance } from '../diffusion/support';
import { fixtures, modelsFolder, removeFolders } from '../models/support';
import reference from '../reference/grounding_dino.json';
import { dispose, open } from './support';

/** Boxes beside those of transformers; test/reference/grounding_dino.py made the numbers. */
const folder = join(fixtures, 'tiny-grounding-dino');
const [WIDTH, HEIGHT] = [96, 64];

afterAll(async () => {
  await dispose();
  removeFolders();
});

function dino(changes: object = {}): Record<string, unknown> {
  const source = (path: string) => ({ sources: [`file:${join(folder, path)}`] });
  return {
    id: 'tiny-grounding-dino',
    name: 'Tiny Grounding DINO',
    description: 'A network of the tests.',
    license: 'MIT',
    family: 'grounding-dino',
    files: [
      { role: 'graph', ...source('model.onnx') },
      { role: 'tokenizer', ...source('tokenizer.json') },
    ],
    input: { size: HEIGHT, longest: 128, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ...changes,
  };
}

async function openDino(changes: object = {}): Promise<DetectionNetwork> {
  return (await open(dino(changes), 'detection')).network as DetectionNetwork;
}

function picture(): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0, at = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, at += 3)
      data.set(x > 20 && x < 50 && y > 10 && y < 44 ? [230, 60, 40] : [40 + x, 60 + y, 90], at);
  return { data, width: WIDTH, height: HEIGHT };
}

const texts = Object.keys(reference.found) as (keyof typeof reference.found)[];

test('words are cut as BERT cuts them', () => {
  const tokenizer = readBertTokenizer(join(folder, 'tokenizer.json'));
  for (const [text, ids] of reference.ids as [string, number[]][])
    expect(tokenizer.encode(text)).toEqual(ids);
});

test.each(texts)('"%s" is found where transformers finds it', async (text) => {
  const expected = reference.found[text];
  const found = await detect(await openDino(), picture(), text);
  expect(found.map(({ phrase }) => phrase)).toEqual(expected.map(({ phrase }) => phrase));
  found.forEach(({ box, score }, i) => {
    // Boxes are in pixels: a thousandth of the picture.
    expect(distance(box, expected[i].box)).toBeLessThan(1e-3 * WIDTH);
    expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-3);
  });
});

test('a text may come in capitals, without a full stop, with commas', async () => {
  const network = await openDino();
  const plain = await detect(network, picture(), 'a red bottle. teapots.');
  expect(await detect(network, picture(), ' A  Red bottle, TEAPOTS ')).toEqual(plain);
});

describe('what cannot be', () => {
  /** A network that finds what it is told to. */
  const finding = (...found: Detection[]): DetectionNetwork => ({ detect: async () => found });

  test('nothing found is an error that says what was looked for', async () => {
    await expect(detect(finding(), picture(), 'unicorn')).rejects.toMatchObject({
      code: 'NO_SUBJECT',
      message: 'Nothing in the picture answers to "unicorn"',
    });
  });

  test.each(['', ' . ', ',\n'])('%j names nothing', async (text) => {
    await expect(detect(finding(), picture(), text)).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
  });

  test('a text longer than the network reads is refused', async () => {
    await expect(
      detect(await openDino(), picture(), 'red mug of tea on the table. '.repeat(50)),
    ).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringMatching(/the text to be at most 256 tokens long/),
    });
  });

  test('a tokenizer of another kind is refused', async () => {
    const file = join(modelsFolder(), 'tokenizer.json');
    const whole = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
    for (const text of ['{}', 'nothing', JSON.stringify({ ...whole, post_processor: null })]) {
      writeFileSync(file, text);
      expect(() => readBertTokenizer(file)).toThrow(
        expect.objectContaining({ code: 'INVALID_MODEL', message: `${file} does not hold BERT's tokenizer` }),
      );
    }
  });

  test('a graph of another kind is refused', async () => {
    const [, tokenizer] = dino().files as object[];
    const graph = { role: 'graph', sources: [`file:${join(fixtures, 'logits.onnx')}`] };
    await expect(openDino({ files: [graph, tokenizer] })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(/tiny-grounding-dino has no input pixel_values/),
    });
  });
});
