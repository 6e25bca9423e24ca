import type { BoundingBox } from '../../lib/contracts';
import { boundingBox } from '../../lib/image';
import { trackObjects, type TrackedFrame } from '../../lib/tracking';
import { RedNetwork, redClip } from './fake';
import { track } from './support';

const still: BoundingBox = [20, 20, 24, 24];
const repeat = (count: number, boxes: BoundingBox[]) => Array.from({ length: count }, () => boxes);
const boxesOf = (frames: TrackedFrame[]) => frames.map(({ objects: [{ alpha }] }) => boundingBox(alpha, 127));
const lostOf = (frames: TrackedFrame[]) => frames.map(({ objects: [{ lost }] }) => lost);

/** The object, gone for some frames, and back. */
const away = (before: number, gone: number, after: number, back: BoundingBox = still) => [
  ...repeat(before, [still]),
  ...repeat(gone, []),
  ...repeat(after, [back]),
];

describe('frames', () => {
  test('are gone through from the prompt forwards, then backwards, each once', async () => {
    const network = new RedNetwork();
    const order: number[] = [];
    const told: [number, number][] = [];
    const { signal } = new AbortController();
    const options = { signal, onFrame: (done: number, total: number) => told.push([done, total]) };
    const prompts = [{ frame: 2, box: still }];
    for await (const { index } of trackObjects(network, redClip(repeat(5, [still])), prompts, options))
      order.push(index);
    expect(order).toEqual([2, 3, 4, 1, 0]);
    expect(told).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
    expect(network.encoded).toHaveLength(5);
  });

  test('come with a matte of their own size, where the object is', async () => {
    const frames = redClip([[[10, 20, 24, 24]], [[14, 22, 24, 24]], [[20, 24, 24, 24]]]);
    const found = await track(new RedNetwork(), frames, [{ frame: 0, points: [{ x: 20, y: 30, label: 1 }] }]);
    expect(found.map(({ objects: [{ alpha }] }) => [alpha.width, alpha.height])).toEqual(
      repeat(3, [128, 64] as never),
    );
    boxesOf(found).forEach((box, i) => {
      const [x, y] = [
        [10, 20],
        [14, 22],
        [20, 24],
      ][i];
      expect(Math.abs(box![0] - x)).toBeLessThanOrEqual(2);
      expect(Math.abs(box![1] - y)).toBeLessThanOrEqual(2);
    });
  });

  test('are shared by objects, which come in the order of their prompts', async () => {
    const network = new RedNetwork();
    const right: BoundingBox = [80, 20, 24, 24];
    const prompts = [
      { frame: 3, box: right },
      { frame: 1, box: still },
    ];
    const found = await track(network, redClip(repeat(5, [still, right])), prompts);
    expect(found.map(({ objects }) => objects.length)).toEqual([2, 2, 2, 2, 2]);
    expect(boundingBox(found[3].objects[0].alpha, 127)![0]).toBeGreaterThan(70);
    expect(boundingBox(found[1].objects[1].alpha, 127)![0]).toBeLessThan(30);
    // Between the prompts a frame is seen once on the way there and once on the way back.
    expect(network.encoded).toHaveLength(5 + 2);
  });

  test('end when the signal is aborted, between two of them', async () => {
    const control = new AbortController();
    const network = new RedNetwork();
    const frames = trackObjects(network, redClip(repeat(9, [still])), [{ frame: 0, box: still }], {
      signal: control.signal,
      onFrame: (done) => done === 3 && control.abort(),
    });
    const seen: number[] = [];
    const run = async () => {
      for await (const { index } of frames) seen.push(index);
    };
    await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual([0, 1, 2]);
    expect(network.encoded).toHaveLength(3);
  });
});

describe('a prompt', () => {
  const signal = new AbortController().signal;
  const clip = redClip(repeat(3, [still]));
  const start = (prompts: Parameters<typeof trackObjects>[2]) => () =>
    trackObjects(new RedNetwork(), clip, prompts, { signal });

  test.each([
    ['no prompt at all', [], /prompts to be at least one box or point/],
    [
      'a frame after the last',
      [{ frame: 3, box: still }],
      /prompts\[0\]\.frame to be a whole number from 0 to 2 but received 3/,
    ],
    ['half a frame', [{ frame: 0.5, box: still }], /received 0\.5/],
    ['neither box nor point', [{ frame: 0 }], /a box, or at least one point on the object/],
    [
      'points beside the object only',
      [{ frame: 0, points: [{ x: 1, y: 1, label: 0 as const }] }],
      /one point on the object/,
    ],
  ])('%s is refused before anything is read', (_, prompts, message) => {
    expect(start(prompts)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringMatching(message) }),
    );
  });

  test.each([
    [
      'a box outside',
      { box: [100, 20, 60, 20] as BoundingBox },
      /prompts\[0\]\.box to be a box within the frame of 128 x 64 pixels but received \[100,20,60,20\]/,
    ],
    ['a box of nothing', { box: [10, 10, 0, 5] as BoundingBox }, /prompts\[0\]\.box/],
    [
      'a point outside',
      { points: [{ x: 10, y: 65, label: 1 as const }] },
      /prompts\[0\]\.points to be within the frame of 128 x 64/,
    ],
  ])('%s of the frame is refused', async (_, prompt, message) => {
    await expect(track(new RedNetwork(), clip, [{ frame: 1, ...prompt }])).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringMatching(message),
    });
  });

  test('reaches the network in its own pixels, the corners of the box first', async () => {
    const network = new RedNetwork();
    const points = [{ x: 64, y: 32, label: 0 as const }];
    await track(network, redClip([[still]]), [{ frame: 0, box: [20, 20, 24, 24], points }]);
    expect(network.asked[0].points).toEqual([
      { x: 10, y: 20, label: 2 },
      { x: 22, y: 44, label: 3 },
      { x: 32, y: 32, label: 0 },
    ]);
  });

  test('that meets nothing is told as lost, not as a fault', async () => {
    const found = await track(new RedNetwork(), redClip(repeat(2, [])), [{ frame: 0, box: still }]);
    expect(lostOf(found)).toEqual([true, true]);
  });
});

describe('memory', () => {
  test('stays the same however long the clip, and is looked at with ages and distances', async () => {
    const network = new RedNetwork();
    await track(network, redClip(repeat(120, [still])), [{ frame: 60, box: still }]);
    const held = network.banks.map(({ memories, pointers }) => [memories.length, pointers.length]);
    expect(Math.max(...held.map(([memories]) => memories))).toBe(7);
    expect(Math.max(...held.map(([, pointers]) => pointers))).toBe(16);
    const last = network.banks.at(-1)!;
    expect(last.memories.map(({ age }) => age)).toEqual([undefined, 6, 5, 4, 3, 2, 1]);
    expect(last.pointers.map(({ distance }) => distance)).toEqual([
      60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ]);
    expect(last.span).toBe(15);
    // The first frame on the way back looks at those that follow its prompt.
    expect(network.banks[59].memories).toHaveLength(6);
  });

  test('of a short clip tells distances in parts of its length', async () => {
    const network = new RedNetwork();
    await track(network, redClip(repeat(4, [still])), [{ frame: 0, box: still }]);
    expect(network.banks.map(({ span }) => span)).toEqual([3, 3, 3]);
  });
});

describe('a lost object', () => {
  test('is told, with an empty matte, and comes back where it was', async () => {
    const found = await track(new RedNetwork(), redClip(away(3, 4, 3)), [{ frame: 0, box: still }]);
    expect(lostOf(found)).toEqual([false, false, false, true, true, true, true, false, false, false]);
    expect(found[4].objects[0]).toMatchObject({ score: -7, lost: true });
    expect(boxesOf(found)[4]).toBeUndefined();
    expect(boxesOf(found)[8]).toEqual(boxesOf(found)[0]);
  });

  test('does not become the whole picture', async () => {
    const network = new RedNetwork();
    const frames = [
      ...repeat(4, [still]),
      ...repeat(2, [[0, 0, 128, 64] as BoundingBox]),
      ...repeat(2, [still]),
    ];
    const found = await track(network, redClip(frames), [{ frame: 0, box: still }]);
    expect(lostOf(found)).toEqual([false, false, false, false, true, true, false, false]);
    expect(found[4].objects[0].refused).toBe('size');
    expect(boxesOf(found)[5]).toBeUndefined();
    // What was refused is not remembered: the prompt, and five frames after it.
    expect(network.remembered).toEqual([true, false, false, false, false, false]);
  });

  test('is not taken for a lookalike elsewhere, unless it had time to get there', async () => {
    const other: BoundingBox = [100, 20, 24, 24];
    const soon = await track(new RedNetwork(), redClip(away(3, 1, 1, other)), [{ frame: 0, box: still }]);
    expect(soon[4].objects[0]).toMatchObject({ lost: true, refused: 'place' });
    const later = await track(new RedNetwork(), redClip(away(3, 9, 1, other)), [{ frame: 0, box: still }]);
    expect(later[12].objects[0]).toMatchObject({ lost: false });
  });

  test('is prompted anew with what is found of it, and later frames go by that', async () => {
    const network = new RedNetwork();
    const back: BoundingBox = [60, 30, 24, 24];
    const frames = [...repeat(3, [still]), ...repeat(6, [back, [0, 0, 128, 24]] as BoundingBox[])];
    const asked: number[] = [];
    const found = await track(network, redClip(frames), [{ frame: 0, box: still }], {
      find: async (_, index) => {
        asked.push(index);
        return [[0, 0, 128, 24], back];
      },
    });
    // What the network sees is too large; after three such frames it is looked for.
    expect(asked[0]).toBe(5);
    expect(found[5].objects[0].lost).toBe(false);
    const [left] = boxesOf(found)[5]!;
    expect(Math.abs(left - 60)).toBeLessThanOrEqual(2);
    const prompted = network.banks.map(
      ({ memories }) => memories.filter(({ age }) => age === undefined).length,
    );
    expect(prompted.at(-1)).toBe(2);
  });

  test('is not prompted anew with a place where another object is', async () => {
    const other: BoundingBox = [70, 20, 24, 24];
    const frames = [...repeat(2, [still, other]), ...repeat(8, [other])];
    const prompts = [
      { frame: 0, box: still },
      { frame: 0, box: other },
    ];
    const network = new RedNetwork();
    await track(network, redClip(frames), prompts, { find: async () => [other] });
    expect(network.remembered.filter(Boolean)).toHaveLength(2);
  });
});

describe('a rim', () => {
  const atEdge: BoundingBox = [0, 20, 24, 24];

  test('is looked at with the frame, and cut off its matte', async () => {
    const network = new RedNetwork();
    const prompts = [{ frame: 0, box: atEdge }];
    const found = await track(network, redClip(repeat(2, [atEdge])), prompts, { rim: 0.125 });
    expect(network.encoded.map(({ width, height }) => [width, height])).toEqual(
      repeat(2, [160, 96] as never),
    );
    // What touches the edge goes on in the rim.
    expect([...network.encoded[0].data.subarray(3 * (50 * 160 + 5), 3 * (50 * 160 + 6))]).toEqual([
      230, 30, 30,
    ]);
    expect(found.map(({ objects: [{ alpha }] }) => [alpha.width, alpha.height])).toEqual(
      repeat(2, [128, 64] as never),
    );
    const [x, y, w, h] = boxesOf(found)[0]!;
    [x - 0, y - 20, w - 24, h - 24].forEach((off) => expect(Math.abs(off)).toBeLessThanOrEqual(3));
    // Its prompt is moved with it.
    expect(network.asked[0].points[0]).toEqual({ x: (16 * 64) / 160, y: (36 * 64) / 96, label: 2 });
  });

  test('does not let a prompt lie outside of the clip’s own frame', async () => {
    const run = track(new RedNetwork(), redClip([[still]]), [{ frame: 0, box: [120, 20, 20, 20] }], {
      rim: 0.125,
    });
    await expect(run).rejects.toMatchObject({
      message: expect.stringMatching(/within the frame of 128 x 64/),
    });
  });

  test('of more than a quarter is refused', () => {
    const options = { signal: new AbortController().signal, rim: 0.3 };
    expect(() =>
      trackObjects(new RedNetwork(), redClip([[still]]), [{ frame: 0, box: still }], options),
    ).toThrow('Expected rim to be a number from 0 to 0.25 but received 0.3');
  });
});

test('specks do not make an object larger', async () => {
  const frames = repeat(2, [still, [120, 2, 2, 2]] as BoundingBox[]);
  const found = await track(new RedNetwork(), redClip(frames), [
    { frame: 0, points: [{ x: 30, y: 30, label: 1 }] },
  ]);
  for (const [x, y, w, h] of boxesOf(found) as BoundingBox[]) {
    expect(x + w).toBeLessThan(50);
    expect(y).toBeGreaterThan(15);
    expect(h).toBeLessThan(30);
  }
});
