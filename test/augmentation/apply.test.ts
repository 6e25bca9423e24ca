import { createHash } from 'node:crypto';
import {
  type AugmentationRecord,
  type Pipelines,
  TRANSFORMS,
  applyRecord,
  loadPipelines,
  parseRecord,
  samplePipeline,
  seedOf,
} from '../../lib/augmentation';
import { tempFolder } from '../support/temp';
import { difference, paint, pixel } from '../image/pictures';
import { SIDE, background, hard, product, smooth, soft } from './pictures';

const folder = tempFolder();
const size = { width: SIDE, height: SIDE };
let pipelines: Pipelines;
beforeAll(async () => {
  pipelines = await loadPipelines(folder);
});

const record = (steps: AugmentationRecord['steps'], fill = 'background'): AugmentationRecord => ({
  ...{ version: 1, pipeline: 'test', digest: '0', seed: 1, ...size, fill, steps },
});
const affine = { shift_x: 0, shift_y: 0, scale: 1, rotate: 0, shear_x: 0, shear_y: 0 };
const move = (values: Partial<typeof affine>) => ({ transform: 'affine' as const, ...affine, ...values });
const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('a record', () => {
  test('makes the same bytes again, read from JSON, in any order of work', () => {
    const subject = { image: product, alpha: hard, background };
    const records = [...pipelines.values()].flatMap((pipeline) =>
      Array.from({ length: 12 }, (_, at) =>
        samplePipeline(pipeline, seedOf('set', '401', pipeline.name, at), size),
      ),
    );
    const bytes = (each: AugmentationRecord) => {
      const { image, alpha, boxes } = applyRecord(each, subject);
      return [sha(image.data), sha(alpha!.data), boxes];
    };
    const first = records.map(bytes);
    const written = records.map((each) => parseRecord(JSON.parse(JSON.stringify(each))));
    const again = [...written.keys()].reverse().map((at) => [at, bytes(written[at])] as const);
    expect(again.sort(([a], [b]) => a - b).map(([, found]) => found)).toEqual(first);
    expect(new Set(first.map(([image]) => image)).size).toBe(first.length);
  });

  test('leaves what it was given as it was', () => {
    const before = [product, hard, background].map(({ data }) => sha(data));
    applyRecord(record([move({ rotate: 30 }), { transform: 'jpeg', quality: 20 }]), {
      image: product,
      alpha: hard,
      background,
    });
    expect([product, hard, background].map(({ data }) => sha(data))).toEqual(before);
  });

  test('is refused where it is broken, or the picture is another one', () => {
    expect(() => parseRecord({ ...record([]), version: 9 })).toThrow(
      /no record of an augmented picture: version/,
    );
    expect(() => parseRecord(record([{ transform: 'gamma', gamma: 'x' }]))).toThrow(/steps\.0\.gamma/);
    expect(() => parseRecord(record([{ transform: 'afine' as never }]))).toThrow(/steps\.0\.transform/);
    expect(() => applyRecord({ ...record([]), width: 7 }, { image: product })).toThrow(
      /Expected image to be 7 x 96 pixels, as its record says but received "96 x 96 pixels"/,
    );
    const small = { data: new Uint8Array(4), width: 2, height: 2 };
    expect(() => applyRecord(record([]), { image: product, alpha: small })).toThrow(
      /Expected alpha to be 96 x 96/,
    );
  });
});

describe('picture, matte and box', () => {
  test('move together: a rotation, a shift and a scale', () => {
    const { image, alpha, boxes } = applyRecord(record([move({ shift_x: 0.1, rotate: 90, scale: 0.8 })]), {
      image: product,
      alpha: hard,
      background,
    });
    expect(
      image.data.filter((_, at) => at % 3 === 0 && alpha!.data[at / 3] === 255).every((red) => red > 140),
    ).toBe(true);
    expect(
      image.data.filter((_, at) => at % 3 === 0 && alpha!.data[at / 3] === 0).every((red) => red < 160),
    ).toBe(true);
    const [x, y, width, height] = boxes[0];
    const rows = [...alpha!.data.keys()].filter((at) => alpha!.data[at] > 0);
    expect([x, y]).toEqual([Math.min(...rows.map((at) => at % SIDE)), Math.floor(Math.min(...rows) / SIDE)]);
    // The product is higher than it is wide; turned by 90 degrees it is the other way round.
    expect(width).toBeGreaterThan(height);
  });

  test('a mask of 0 and 255 stays one through every geometry, a soft one stays soft', () => {
    const steps: AugmentationRecord['steps'] = [
      move({ rotate: 17, scale: 1.1 }),
      {
        transform: 'perspective',
        corners: [
          [0.03, 0.02],
          [0.01, 0.05],
          [0.02, 0.03],
          [0.04, 0.01],
        ],
      },
      { transform: 'optical-distortion', strength: 0.2, lens: 'fisheye' },
      { transform: 'elastic', shift: 0.02, smoothness: 0.1, seed: 3 },
    ];
    for (const fill of ['background', 'mirror', '#ffffff']) {
      const { alpha } = applyRecord(record(steps, fill), { image: product, alpha: hard });
      expect(alpha!.data.every((value) => value === 0 || value === 255)).toBe(true);
      const values = new Set(applyRecord(record(steps, fill), { image: product, alpha: soft }).alpha!.data);
      expect(values.size).toBeGreaterThan(20);
    }
  });

  const COLORS = [
    'brightness-contrast',
    'clahe',
    'color-jitter',
    'gamma',
    'gray',
    'hsv-shift',
    'rgb-shift',
    'tone-curve',
  ];
  const FILTERS = [
    'defocus',
    'downscale',
    'gaussian-blur',
    'jpeg',
    'median-blur',
    'motion-blur',
    'sharpen',
    'random-shadow',
  ];
  const NOISE = ['gauss-noise', 'iso-noise', 'multiplicative-noise', 'shot-noise'];
  const GEOMETRY = [
    'affine',
    'perspective',
    'elastic',
    'flip',
    'grid-distortion',
    'optical-distortion',
    'resized-crop',
  ];
  const HOLES = ['coarse-dropout', 'grid-dropout'];

  const drawn = (transform: string, index = 0, of: { width: number; height: number } = size) => {
    const pipeline = { name: 'one', description: '', digest: '', fill: 'background', steps: [] as never[] };
    const { asked } = TRANSFORMS[transform as keyof typeof TRANSFORMS];
    const step = { transform, probability: 1, asked: (asked as { parse(value: object): unknown }).parse({}) };
    return samplePipeline({ ...pipeline, steps: [step as never] }, seedOf(transform, index), of);
  };

  test('all transforms are named here', () => {
    expect([...COLORS, ...FILTERS, ...NOISE, ...GEOMETRY, ...HOLES].sort()).toEqual(
      Object.keys(TRANSFORMS).sort(),
    );
  });

  test.each([...COLORS, ...FILTERS, ...NOISE])(
    '%s changes the picture and leaves the matte alone',
    (transform) => {
      const made = applyRecord(drawn(transform), { image: smooth, alpha: soft });
      expect(made.alpha!.data).toEqual(soft.data);
      expect(made.visible).toBe(1);
      expect(difference(made.image.data, smooth.data).mean).toBeGreaterThan(
        transform === 'median-blur' ? 0 : 0.01,
      );
    },
  );

  test.each([...GEOMETRY, ...HOLES])('%s changes picture and matte', (transform) => {
    const made = [0, 1, 2, 3, 4, 5].map((index) =>
      applyRecord(drawn(transform, index), { image: product, alpha: hard }),
    );
    expect(made.some(({ alpha }) => difference(alpha!.data, hard.data).mean > 0)).toBe(true);
    expect(made.some(({ image }) => difference(image.data, product.data).mean > 0)).toBe(true);
  });

  test('the defaults of every transform are drawn within what a record may say', () => {
    for (const transform of Object.keys(TRANSFORMS)) {
      for (let index = 0; index < 30; index++)
        expect(() => parseRecord(drawn(transform, index))).not.toThrow();
    }
  });

  test.each([
    [1, 1],
    [1, 9],
    [7, 3],
    [33, 17],
  ])('every transform can be done to %d x %d pixels', (width, height) => {
    const picture = paint(width, height, (x, y) => [30 * x, 20 * y, 90]);
    for (const transform of Object.keys(TRANSFORMS)) {
      for (let index = 0; index < 4; index++) {
        const made = applyRecord(drawn(transform, index, picture), { image: picture });
        expect(made.image.data).toHaveLength(width * height * 3);
      }
    }
  });

  test('a mirrored copy does not make the product more visible', () => {
    const made = applyRecord(record([move({ shift_x: 0.5 })], 'mirror'), { image: product, alpha: hard });
    expect(made.visible).toBeLessThan(0.5);
  });

  test('what a hole hides is no longer labelled, and is not visible', () => {
    const holes = [{ box: [0, 0, SIDE, 44], color: [1, 2, 3] }];
    const made = applyRecord(record([{ transform: 'coarse-dropout', holes }]), {
      image: product,
      alpha: hard,
    });
    expect(made.boxes[0][1]).toBe(44);
    expect(made.visible).toBeCloseTo(0.51, 1);
    expect(pixel(made.image, 50, 20)).toEqual([1, 2, 3]);
  });

  test('what left the frame is clipped from the box, and is not visible', () => {
    const made = applyRecord(record([move({ shift_x: 0.5 })]), { image: product, alpha: hard, background });
    const [x, , width] = made.boxes[0];
    expect(x + width).toBe(SIDE);
    expect(made.visible).toBeGreaterThan(0.3);
    expect(made.visible).toBeLessThan(0.5);
    const gone = applyRecord(record([move({ shift_x: 1 })]), { image: product, alpha: hard, background });
    expect([gone.boxes, gone.visible]).toEqual([[], 0]);
    for (const scale of [0.5, 1.5]) {
      const scaled = applyRecord(record([move({ scale })]), { image: product, alpha: hard, background });
      expect(scaled.visible).toBeCloseTo(1, 1);
    }
  });
});

describe('where a picture was moved away from', () => {
  const steps = [move({ shift_x: 0.5 })];

  test('is its background, without a copy of the product', () => {
    const { image, alpha } = applyRecord(record(steps), { image: product, alpha: hard, background });
    for (let x = 0; x < 20; x++) expect(pixel(image, x, 44)).toEqual([90, 110, 130]);
    expect(alpha!.data.subarray(44 * SIDE, 44 * SIDE + 48).every((value) => value === 0)).toBe(true);
  });

  test('is the picture mirrored where that is asked for, and there is no background: copies are labelled', () => {
    for (const fill of ['mirror', 'background']) {
      const { image, alpha } = applyRecord(record(steps, fill), { image: product, alpha: hard });
      for (let x = 0; x < 48; x++) {
        expect(pixel(image, x, 44)).toEqual(pixel(product, 48 - x, 44));
        expect(alpha!.data[44 * SIDE + x]).toBe(hard.data[44 * SIDE + 48 - x]);
      }
    }
  });

  test('is a colour', () => {
    const { image } = applyRecord(record(steps, '#10ff20'), { image: product, alpha: hard });
    expect(pixel(image, 10, 10)).toEqual([16, 255, 32]);
  });
});
