import { WantedFrames, selectFrames } from '../../lib/video/select';

const steady = (count: number, fps: number) => Array.from({ length: count }, (_, at) => at / fps);

test('all frames, or evenly spread ones with the first and the last', () => {
  expect(selectFrames(steady(5, 25), { maxFrames: 5 })).toEqual([0, 1, 2, 3, 4]);
  expect(selectFrames(steady(9, 25), { maxFrames: 5 })).toEqual([0, 2, 4, 6, 8]);
  expect(selectFrames(steady(1000, 25), { maxFrames: 2 })).toEqual([0, 999]);
  expect(selectFrames(steady(9, 25), { maxFrames: 1 })).toEqual([4]);
  const taken = selectFrames(steady(1234, 30), { maxFrames: 500 });
  expect(new Set(taken).size).toBe(500);
});

test('a stride', () => {
  expect(selectFrames(steady(10, 25), { maxFrames: 100, stride: 4 })).toEqual([0, 4, 8]);
});

test('a rate, of steady times and of uneven ones', () => {
  expect(selectFrames(steady(10, 10), { maxFrames: 100, fps: 5 })).toEqual([0, 2, 4, 6, 8]);
  expect(selectFrames(steady(4, 10), { maxFrames: 100, fps: 60 })).toEqual([0, 1, 2, 3]);
  // A second without a frame: the one that stays on the screen is taken once.
  expect(selectFrames([0, 0.1, 1.2, 1.25, 1.3], { maxFrames: 100, fps: 10 })).toEqual([0, 1, 2, 4]);
  expect(selectFrames([5], { maxFrames: 10, fps: 2 })).toEqual([0]);
});

test.each([
  [{ maxFrames: 0 }, 'max_frames'],
  [{ maxFrames: 1.5 }, 'max_frames'],
  [{ maxFrames: 5, fps: 0 }, 'fps'],
  [{ maxFrames: 5, stride: 0 }, 'stride'],
  [{ maxFrames: 5, fps: 2, stride: 2 }, 'stride'],
])('refuses %j', (selection, field) => {
  expect(() => selectFrames([0, 1], selection)).toThrow(`Expected ${field} to be`);
});

test('wanted frames are known by their times, where some are lost, doubled, or have none', () => {
  const seen = (times: number[], indices: number[], shown: number[]) => {
    const wanted = new WantedFrames(times, indices);
    return shown.map((seconds) => wanted.indexAt(seconds));
  };
  const times = steady(6, 10);
  expect(seen(times, [1, 2, 4], [0, 0.1, 0.3, 0.4001, 0.5])).toEqual([undefined, 1, undefined, 4, undefined]);
  expect(seen(times, [1, 2], [0.1, 0.1, 0.2])).toEqual([1, undefined, 2]);
  expect(seen([0, 0, 0, 1], [1, 3], [0, 0, 0, 1])).toEqual([undefined, 1, undefined, 3]);
  expect(seen(times, [0, 1, 2], [NaN, 0.1, NaN])).toEqual([0, 1, 2]);
});
