import {
  type AugmentationRecord,
  applyRecord,
  loadPipelines,
  samplePipeline,
  seedOf,
} from '../../lib/augmentation';
import { tempFolder } from '../support/temp';
import { difference } from '../image/pictures';
import { SIDE, smooth, soft } from './pictures';

const folder = tempFolder();
const size = { width: SIDE, height: SIDE };

/** Steps of one record, each in a pass of its own. */
function stepByStep(record: AugmentationRecord) {
  return record.steps.reduce((subject, step) => applyRecord({ ...record, steps: [step] }, subject), {
    image: smooth,
    alpha: soft,
  } as ReturnType<typeof applyRecord>);
}

/** Away from the border, where one pass still sees what steps have lost. */
function inner(data: Uint8Array, channels: number): Uint8Array {
  const margin = 30;
  return data.filter((_, at) => {
    const pixel = Math.floor(at / channels);
    const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
    return Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) >= margin;
  });
}

const record = (steps: AugmentationRecord['steps']): AugmentationRecord => ({
  ...{ version: 1, pipeline: 'test', digest: '0', seed: 1, ...size, fill: 'mirror', steps },
});

const affine = {
  transform: 'affine',
  shift_x: 0.03,
  shift_y: -0.02,
  scale: 1.05,
  rotate: 6,
  shear_x: 2,
  shear_y: 0,
} as const;
const perspective = {
  transform: 'perspective',
  corners: [
    [0.02, 0.01],
    [0.01, 0.03],
    [0.03, 0.02],
    [0.02, 0.02],
  ],
} as const;
const grid = {
  transform: 'grid-distortion',
  columns: [1, 1.1, 0.95, 1, 1.05, 1],
  rows: [0.9, 1.1, 1, 1, 1.1, 1],
} as const;
const lens = { transform: 'optical-distortion', strength: 0.1, lens: 'fisheye' } as const;
const rubber = { transform: 'elastic', shift: 0.01, smoothness: 0.15, seed: 4 } as const;
const light = { transform: 'brightness-contrast', brightness: 0.05, contrast: 0.1 } as const;
const gamma = { transform: 'gamma', gamma: 1.1 } as const;
const shift = { transform: 'rgb-shift', red: 4, green: -3, blue: 2 } as const;
const noise = { transform: 'gauss-noise', deviation: 0.02, mean: 0, color: 'each', seed: 7 } as const;
const hole = { transform: 'coarse-dropout', holes: [{ box: [40, 42, 12, 9], color: [9, 8, 7] }] } as const;
const blur = { transform: 'gaussian-blur', sigma: 0.8 } as const;

test.each<[string, AugmentationRecord['steps']]>([
  ['projective maps', [affine, perspective]],
  ['maps of every kind', [affine, grid, lens, perspective, rubber]],
  ['tables', [light, gamma, shift]],
  ['maps, tables, noise and holes', [affine, lens, light, gamma, noise, hole]],
  ['a map after tables', [light, shift, affine]],
  ['a map after noise', [noise, affine, light]],
  ['passes in between', [affine, blur, light, perspective, { transform: 'median-blur', size: 3 }]],
])('%s in few passes are within two levels of one after the other', (_, steps) => {
  const [fused, apart] = [
    applyRecord(record(steps), { image: smooth, alpha: soft }),
    stepByStep(record(steps)),
  ];
  expect(difference(inner(fused.image.data, 3), inner(apart.image.data, 3)).most).toBeLessThanOrEqual(2);
  // A soft edge that is sampled twice is a little softer.
  expect(difference(inner(fused.alpha!.data, 1), inner(apart.alpha!.data, 1)).mean).toBeLessThan(2);
  expect(difference(fused.image.data, smooth.data).mean).toBeGreaterThan(1);
});

test('tables and noise give the very same bytes', () => {
  const steps = [light, gamma, shift, noise, hole];
  expect(applyRecord(record(steps), { image: smooth }).image.data).toEqual(
    stepByStep(record(steps)).image.data,
  );
});

test('whole pipelines give nearly the same', async () => {
  const pipelines = await loadPipelines(folder);
  for (const pipeline of pipelines.values()) {
    for (let index = 0; index < 25; index++) {
      const whole = samplePipeline(pipeline, seedOf('fused', index), size);
      // CLAHE looks at the whole picture, and so at the border as well.
      const steps = whole.steps.filter(({ transform }) => transform !== 'clahe');
      const drawn = { ...whole, steps, fill: 'mirror' };
      const [fused, apart] = [applyRecord(drawn, { image: smooth, alpha: soft }), stepByStep(drawn)];
      expect(difference(inner(fused.image.data, 3), inner(apart.image.data, 3)).mean).toBeLessThan(2);
    }
  }
});
