import { type Pipeline, samplePipeline, seedOf } from '../../lib/augmentation';
import { NORMAL, poissonShare } from '../../lib/augmentation/quantiles';
import { Random } from '../../lib/augmentation/random';
import { stepSchema } from '../../lib/augmentation/steps';
import { moments } from './cases';

const size = { width: 200, height: 100 };
const COUNT = 2000;

const pipeline = (...steps: object[]): Pipeline => ({
  ...{ name: 'test', description: '', fill: 'mirror', digest: '0' },
  steps: steps.map((step) => stepSchema.parse(step)),
});
const drawMany = (of: Pipeline, count = COUNT) =>
  Array.from({ length: count }, (_, at) => samplePipeline(of, seedOf('test', at), size).steps);
const share = (list: unknown[], holds: (value: never) => boolean) =>
  list.filter(holds as never).length / list.length;

test('a seed is the same on every machine, and another one for everything that it depends on', () => {
  expect(seedOf('set', '4006381333931', 'light', 0)).toBe(SEED);
  const seeds = [
    seedOf('set', '4006381333931', 'light', 1),
    seedOf('set', '4006381333931', 'heavy', 0),
    seedOf('set', '4006381333932', 'light', 0),
    seedOf('other', '4006381333931', 'light', 0),
    seedOf('se', 't4006381333931', 'light', 0),
    seedOf('set', '4006381333931', 'light', '0'),
  ];
  expect(new Set([SEED, ...seeds]).size).toBe(7);
  expect(seeds.every(Number.isSafeInteger)).toBe(true);
});
const SEED = 7195698681232998;

test('random numbers are the same on every machine', () => {
  const random = new Random(2 ** 40 + 5);
  expect([random.word(), random.word(), random.word()]).toEqual(WORDS);
});
const WORDS = [768542553, 687031625, 3318425858];

test('numbers are spread evenly over their range, ends included where they are whole', () => {
  const random = new Random(1);
  const values = Array.from({ length: 20_000 }, () => random.uniform(-2, 6));
  const { mean, deviation } = moments(values);
  expect(mean).toBeCloseTo(2, 1);
  expect(deviation).toBeCloseTo(8 / Math.sqrt(12), 1);
  for (let eighth = 0; eighth < 8; eighth++) {
    expect(Math.abs(share(values, (value: number) => Math.floor(value + 2) === eighth) - 1 / 8)).toBeLessThan(
      0.01,
    );
  }
  const dice = Array.from({ length: 6000 }, () => random.whole(1, 6));
  for (let face = 1; face <= 6; face++)
    expect(Math.abs(share(dice, (value) => value === face) - 1 / 6)).toBeLessThan(0.02);
  const normal = moments(Array.from({ length: 20_000 }, () => random.normal(3, 2)));
  expect(Math.abs(normal.mean - 3)).toBeLessThan(0.06);
  expect(Math.abs(normal.deviation - 2)).toBeLessThan(0.06);
});

test('quantiles are those of the normal and the Poisson distribution', () => {
  expect(moments(NORMAL).mean).toBeCloseTo(0, 9);
  expect(moments(NORMAL).deviation).toBeCloseTo(1, 2);
  expect(NORMAL[1023]).toBeCloseTo(3.2972, 3);
  expect(poissonShare(2)(1)).toBeCloseTo(3 * Math.exp(-2), 9);
  expect(poissonShare(0)(0)).toBe(1);
  expect(poissonShare(2)(-1)).toBe(0);
  // R: ppois(100, 100), ppois(80, 100), ppois(520, 500)
  expect(poissonShare(100)(100)).toBeCloseTo(0.5265622, 3);
  expect(poissonShare(100)(80)).toBeCloseTo(0.0226486, 3);
  expect(poissonShare(500)(520)).toBeCloseTo(0.8203, 2);
});

test('a step happens as often as its probability says', () => {
  const steps = drawMany(
    pipeline(
      { transform: 'gray', probability: 0.3 },
      { transform: 'jpeg' },
      { transform: 'flip', probability: 0 },
    ),
  );
  expect(Math.abs(share(steps, (list: object[]) => list.length === 2) - 0.3)).toBeLessThan(0.03);
  expect(steps.every((list) => list.at(-1)!.transform === 'jpeg')).toBe(true);
});

test('values fill their range, and odd ones are odd', () => {
  const steps = drawMany(
    pipeline(
      { transform: 'affine', rotate: [-10, 30], scale: 1.5 },
      { transform: 'motion-blur', size: [3, 7] },
    ),
  );
  const rotations = steps.map(([affine]) => affine.rotate as number);
  expect(moments(rotations).mean).toBeCloseTo(10, -0.5);
  expect(Math.min(...rotations)).toBeGreaterThanOrEqual(-10);
  expect(Math.min(...rotations)).toBeLessThan(-9.5);
  expect(Math.max(...rotations)).toBeGreaterThan(29.5);
  expect(steps.every(([affine]) => affine.scale === 1.5)).toBe(true);
  const sizes = steps.map(([, blur]) => blur.size);
  for (const side of [3, 5, 7])
    expect(Math.abs(share(sizes, (value) => value === side) - 1 / 3)).toBeLessThan(0.04);
});

test('one_of takes one, as likely as probabilities say beside each other', () => {
  const steps = drawMany(
    pipeline({
      one_of: [
        { transform: 'gray', probability: 0.1 },
        { transform: 'jpeg', probability: 0.3 },
      ],
      probability: 0.8,
    }),
  );
  expect(steps.every((list) => list.length <= 1)).toBe(true);
  expect(Math.abs(share(steps, (list: object[]) => list.length === 1) - 0.8)).toBeLessThan(0.03);
  expect(
    Math.abs(share(steps, ([step]: { transform: string }[]) => step?.transform === 'jpeg') - 0.6),
  ).toBeLessThan(0.04);
});

test('some_of takes so many different ones in their order; their probabilities count as well', () => {
  const children = ['gray', 'jpeg', 'flip', 'clahe'].map((transform) => ({ transform }));
  const all = drawMany(pipeline({ some_of: children, pick: [1, 3] }));
  for (const count of [1, 2, 3]) {
    expect(Math.abs(share(all, (list: object[]) => list.length === count) - 1 / 3)).toBeLessThan(0.04);
  }
  const names = all.map((list) => list.map(({ transform }) => transform));
  expect(names.every((list) => list.every((name, at) => at === 0 || order(list[at - 1]) < order(name)))).toBe(
    true,
  );
  for (const { transform } of children) {
    expect(Math.abs(share(names, (list: string[]) => list.includes(transform)) - 0.5)).toBeLessThan(0.04);
  }
  const half = drawMany(pipeline({ some_of: [{ transform: 'gray', probability: 0.5 }], pick: 1 }));
  expect(Math.abs(share(half, (list: object[]) => list.length === 1) - 0.5)).toBeLessThan(0.04);

  function order(name: string): number {
    return children.findIndex(({ transform }) => transform === name);
  }
});

test('what one step draws does not depend on the others', () => {
  const noise = { transform: 'gauss-noise' };
  const before = drawMany(pipeline({ transform: 'gray', probability: 0.5 }, noise), 50);
  const after = drawMany(pipeline({ transform: 'affine', rotate: [3, 9] }, noise), 50);
  expect(after.map((list) => list.at(-1))).toEqual(before.map((list) => list.at(-1)));
});

test('a record says all that was decided, as plain JSON', () => {
  const of = pipeline(
    { transform: 'affine' },
    { transform: 'coarse-dropout' },
    { transform: 'random-shadow' },
    { transform: 'elastic' },
  );
  const record = samplePipeline(of, seedOf('x', 3), size);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect(record).toMatchObject({
    version: 1,
    pipeline: 'test',
    seed: seedOf('x', 3),
    ...size,
    fill: 'mirror',
  });
  expect(record.steps[3]).toEqual({
    transform: 'elastic',
    shift: expect.any(Number),
    smoothness: expect.any(Number),
    seed: expect.any(Number),
  });
});

test('holes and shadows lie within the picture', () => {
  for (const [dropout, shadow] of drawMany(
    pipeline({ transform: 'grid-dropout' }, { transform: 'random-shadow' }),
    200,
  )) {
    for (const {
      box: [x, y, width, height],
    } of dropout.holes as { box: number[] }[]) {
      expect(Math.min(x, y, size.width - x - width, size.height - y - height)).toBeGreaterThanOrEqual(0);
    }
    const { shadows } = shadow as unknown as { shadows: { corners: number[][] }[] };
    for (const [x, y] of shadows.flatMap(({ corners }) => corners)) {
      expect(x >= 0 && x < size.width && y >= 49 && y < size.height).toBe(true);
    }
  }
});
