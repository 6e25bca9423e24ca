import type { ObjectPrompt } from '../../lib/tracking';
import { distance } from '../diffusion/support';
import { removeFolders } from '../models/support';
import reference from '../reference/sam2.json';
import { FRAMES, OCCLUDED, clip, dispose, openTracker, sam2, track } from './support';

/** Mask logits beside those of transformers.Sam2VideoModel; test/reference/sam2.py made the numbers. */
afterAll(async () => {
  await dispose();
  removeFolders();
});

type Case = keyof typeof reference;

/** Every third logit of a mask is in the file. */
const sampled = (logits: Float32Array) => logits.filter((_, i) => i % 3 === 0);

function promptOf(name: Case): ObjectPrompt {
  const { frame, points, labels } = reference[name];
  if (!labels.includes(2))
    return { frame, points: points.map(([x, y], i) => ({ x, y, label: labels[i] as 0 | 1 })) };
  const [[left, top], [right, bottom]] = points;
  return { frame, box: [left, top, right - left, bottom - top] };
}

async function compare(bank: 'fixed' | 'dynamic', name: Case): Promise<void> {
  const expected = reference[name];
  const frames = await track(await openTracker(sam2(bank)), clip(), [promptOf(name)]);
  const apart = frames.map(({ objects: [{ logits }] }, i) =>
    distance(sampled(logits.data), expected.logits[i]),
  );
  expect(frames).toHaveLength(FRAMES);
  expect(Math.max(...apart)).toBeLessThan(1e-3);
  const scores = frames.map(({ objects: [{ score }] }) => score);
  expect(distance(scores, expected.scores)).toBeLessThan(1e-3);
  // Where something stands before it the object is lost, and nowhere else.
  expect(frames.flatMap(({ index, objects: [{ lost }] }) => (lost ? [index] : []))).toEqual(OCCLUDED);
}

describe.each(['fixed', 'dynamic'] as const)(
  'mask logits are those of transformers with a %s bank',
  (bank) => {
    test('from the first frame forwards', () => compare(bank, 'forwards'));
    test('from the last frame backwards', () => compare(bank, 'backwards'));
    test('from the middle both ways', () => compare(bank, 'both'));
  },
);

describe('mask logits are those of transformers for each kind of prompt', () => {
  test('several points, one of them beside the object', () => compare('fixed', 'points'));
  test('a box', () => compare('fixed', 'box'));
});
