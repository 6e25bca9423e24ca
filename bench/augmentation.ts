import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Pipeline, applyRecord, loadPipelines, samplePipeline, seedOf } from '../lib/augmentation';
import { execute } from '../lib/augmentation/execute';
import { TRANSFORMS } from '../lib/augmentation/transforms';
import type { Effect, Size } from '../lib/augmentation/types';
import { type Alpha, type RgbImage, packageRoot } from '../lib/contracts';
import { deltaE2000, rgbToLab } from '../lib/image';
import { listPairs } from './isnet';
import { median } from './measure';

const SIDE = 512;
const ROUNDS = 9;
/** Pictures that a pipeline's time is the mean of. */
const DRAWN = 100;
/** Of the pipelines, over the pictures below: mean difference of colour inside the product. */
const LIMITS: Record<string, number> = { light: 6, real: 8, heavy: 12 };
const PICTURES = 200;

const testData = () => process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data');

type Name = keyof typeof TRANSFORMS;

/** Parameters as the library's rates were measured with, and what it calls them. */
const CASES: [name: Name, drawn: object, library: string][] = [
  ['brightness-contrast', { brightness: 0.2, contrast: 0.3 }, 'brightness_contrast'],
  ['hsv-shift', { hue: 15, saturation: -20, value: 10 }, 'hsv'],
  ['rgb-shift', { red: 20, green: -10, blue: 5 }, 'rgb_shift'],
  ['gamma', { gamma: 0.8 }, 'gamma80'],
  ['clahe', { clip: 4 }, 'clahe'],
  ['tone-curve', { low: 0.25, high: 0.78 }, 'tone_curve'],
  ['gray', {}, 'gray'],
  [
    'color-jitter',
    {
      brightness: 1.2,
      contrast: 0.85,
      saturation: 1.3,
      hue: 0.1,
      order: ['brightness', 'saturation', 'contrast', 'hue'],
    },
    'color_jitter',
  ],
  ['sharpen', { amount: 0.4, lightness: 0.8 }, 'sharpen'],
  ['gaussian-blur', { sigma: 1.5 }, 'gauss_blur'],
  ['median-blur', { size: 3 }, ''],
  ['median-blur', { size: 5 }, 'median5'],
  ['motion-blur', { size: 9, angle: 33, direction: 0 }, 'motion_blur'],
  ['defocus', { radius: 4, softness: 0.3 }, 'defocus'],
  ['downscale', { scale: 0.25 }, 'downscale_nn'],
  ['jpeg', { quality: 40 }, 'jpeg40'],
  ['affine', { shift_x: 0, shift_y: 0, scale: 1.1, rotate: 12, shear_x: 5, shear_y: 0 }, 'affine'],
  [
    'perspective',
    {
      corners: [
        [0.02, 0.03],
        [0.04, 0.02],
        [0.03, 0.05],
        [0.01, 0.02],
      ],
    },
    'perspective',
  ],
  [
    'grid-distortion',
    { columns: [1, 1.2, 0.9, 1.1, 1, 1], rows: [1.1, 0.8, 1, 1, 1.2, 1] },
    'grid_distortion',
  ],
  ['optical-distortion', { strength: 0.3, lens: 'camera' }, 'optical_camera'],
  ['optical-distortion', { strength: 0.3, lens: 'fisheye' }, 'optical_fisheye'],
  ['elastic', { shift: 0.005, smoothness: 0.02, seed: 1 }, 'elastic'],
  ['resized-crop', { x: 40, y: 30, width: 400, height: 420 }, ''],
  ['flip', { axis: 'horizontal' }, 'hflip'],
  ['coarse-dropout', { holes: [{ box: [40, 50, 80, 90], color: [0, 0, 0] }] }, 'coarse_dropout'],
  [
    'random-shadow',
    {
      shadows: [
        {
          corners: [
            [480, 400],
            [320, 430],
            [350, 110],
            [460, 25],
          ],
          intensity: 0.5,
        },
      ],
    },
    'shadow',
  ],
  ['gauss-noise', { deviation: 0.1, mean: 0, color: 'each', seed: 1 }, 'gauss_noise'],
  ['iso-noise', { intensity: 0.3, color_shift: 0.03, seed: 1 }, 'iso_noise'],
  ['multiplicative-noise', { strength: 0.1, per: 'channel', seed: 1 }, 'mult_noise'],
  ['multiplicative-noise', { strength: 0.1, per: 'value', seed: 1 }, ''],
  ['shot-noise', { scale: 0.1, seed: 1 }, 'shot_noise'],
];

/**
 * What each transform takes at 512 x 512 in processor time of one thread, beside the library's rates on a quiet machine
 * of this kind; whole pipelines, fused and one step after the other; and how far pipelines change products' colours.
 */
export async function run(): Promise<void> {
  const image = await square(join(packageRoot, 'examples/packshots/mug.jpg'));
  const published = readRates();
  console.log('                                      images/s    library');
  for (const [name, drawn, library] of CASES) {
    const effects = effectsOf(name, drawn, image);
    const rate = 1000 / time(() => execute(effects, image, { kind: 'mirror' }));
    const beside = published[library] ? published[library].toFixed(0) : '-';
    console.log(
      `${`${name} ${short(drawn)}`.padEnd(36)} ${rate.toFixed(0).padStart(9)} ${beside.padStart(10)}`,
    );
  }
  const pipelines = await loadPipelines(packageRoot);
  const theirs = libraryTimes();
  for (const pipeline of pipelines.values()) speedOf(pipeline, image, theirs[pipeline.name]);
  await safety([...pipelines.values()]);
}

function speedOf(pipeline: Pipeline, image: RgbImage, theirs?: number): void {
  const records = Array.from({ length: DRAWN }, (_, at) =>
    samplePipeline(pipeline, seedOf('bench', at), image),
  );
  const alpha: Alpha = { ...image, data: new Uint8Array(SIDE * SIDE).fill(255) };
  const subject = { image, alpha, background: image };
  const fused = time(() => records.forEach((record) => applyRecord(record, subject))) / records.length;
  const single = records.flatMap((record) => record.steps.map((step) => ({ ...record, steps: [step] })));
  const apart = time(() => single.forEach((record) => applyRecord(record, subject))) / records.length;
  const steps = (single.length / records.length).toFixed(1);
  const beside = theirs ? `, ${theirs.toFixed(2)} ms by the library: ${(theirs / fused).toFixed(2)}x` : '';
  console.log(
    `${pipeline.name}: ${fused.toFixed(2)} ms a picture and its matte${beside}; ${apart.toFixed(2)} ms step by step (${steps} steps)`,
  );
}

/** Milliseconds of processor time by pipeline, where VITRINE_BENCH_PYTHON has albumentations 2.0.8. */
function libraryTimes(): Record<string, number> {
  const python = process.env.VITRINE_BENCH_PYTHON;
  if (!python) return {};
  const files = ['bench/augmentation.py', 'models/augmentations.yaml', 'examples/packshots/mug.jpg'];
  const args = [...files.map((file) => join(packageRoot, file)), String(DRAWN)];
  const output = execFileSync(python, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return JSON.parse(output.trim().split('\n').at(-1)!);
}

/** Mean CIEDE2000 within the mask between what geometry alone makes of a picture and what the whole record makes. */
async function safety(pipelines: Pipeline[]): Promise<void> {
  const subjects = await subjectsOf();
  if (!subjects.length) return;
  for (const pipeline of pipelines) {
    const found: number[] = [];
    const visible: number[] = [];
    for (let at = 0; at < PICTURES; at++) {
      const subject = subjects[at % subjects.length];
      const record = samplePipeline(pipeline, seedOf('safety', pipeline.name, at), subject.image);
      const whole = applyRecord(record, subject);
      const moved = applyRecord({ ...record, steps: record.steps.filter(isGeometry) }, subject);
      found.push(distance(moved.image, whole.image, whole.alpha!));
      visible.push(whole.visible);
    }
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    console.log(
      `${pipeline.name}: delta E inside the product ${mean.toFixed(2)} on average (at most ${LIMITS[pipeline.name]}),` +
        ` ${Math.max(...found).toFixed(1)} at worst; visible ${Math.min(...visible).toFixed(2)} to 1,` +
        ` median ${median(visible).toFixed(2)}, under 0.75 in ${visible.filter((share) => share < 0.75).length}, under 0.6 in ${visible.filter((share) => share < 0.6).length}`,
    );
  }
}

function isGeometry({ transform, ...drawn }: { transform: Name }): boolean {
  const size = { width: SIDE, height: SIDE };
  return effectsOf(transform, drawn, size).every(({ kind }) => kind === 'geometry');
}

function distance(a: RgbImage, b: RgbImage, alpha: Alpha): number {
  const [labA, labB] = [rgbToLab(a.data), rgbToLab(b.data)];
  let [sum, count] = [0, 0];
  for (let at = 0; at < alpha.data.length; at += 7) {
    if (alpha.data[at] < 128) continue;
    const [l, m, n] = [3 * at, 3 * at + 1, 3 * at + 2];
    sum += deltaE2000(labA[l], labA[m], labA[n], labB[l], labB[m], labB[n]);
    count++;
  }
  return count ? sum / count : 0;
}

/** Photos with masks, and products whose whole picture counts. */
async function subjectsOf(): Promise<{ image: RgbImage; alpha: Alpha }[]> {
  const [pairs, products] = ['pairs', 'products'].map((name) => join(testData(), name));
  if (!existsSync(pairs) || !existsSync(products)) {
    console.log('Label safety needs pairs and products of VITRINE_TEST_DATA.');
    return [];
  }
  const list: { image: RgbImage; alpha: Alpha }[] = [];
  for (const { photo, mask } of listPairs(pairs)) {
    const alpha = await sharp(mask).resize(SIDE, SIDE, { fit: 'fill' }).extractChannel(0).raw().toBuffer();
    list.push({
      image: await square(photo),
      alpha: { data: new Uint8Array(alpha), width: SIDE, height: SIDE },
    });
  }
  const photos = readdirSync(products, { recursive: true })
    .map(String)
    .filter((name) => /\.(jpe?g|png)$/i.test(name));
  for (let at = 0; list.length < PICTURES; at += 17) {
    const image = await square(join(products, photos[at % photos.length]));
    list.push({ image, alpha: { ...image, data: new Uint8Array(SIDE * SIDE).fill(255) } });
  }
  return list;
}

function effectsOf(name: Name, drawn: object, size: Size): Effect[] {
  return (TRANSFORMS[name] as unknown as { effects(drawn: object, size: Size): Effect[] }).effects(
    drawn,
    size,
  );
}

async function square(file: string): Promise<RgbImage> {
  const data = await sharp(file)
    .rotate()
    .removeAlpha()
    .toColourspace('srgb')
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { data: new Uint8Array(data), width: SIDE, height: SIDE };
}

/** Milliseconds of processor time, the median of several runs. */
function time(work: () => unknown): number {
  for (const warm = performance.now(); performance.now() - warm < 150;) work();
  return median(
    Array.from({ length: ROUNDS }, () => {
      const start = process.cpuUsage();
      let runs = 0;
      for (const from = performance.now(); performance.now() - from < 40; runs++) work();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000 / runs;
    }),
  );
}

function readRates(): Record<string, number> {
  const file = join(testData(), 'golden/bench_512_this_machine.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function short(drawn: object): string {
  return Object.values(drawn)
    .filter((value) => typeof value !== 'object')
    .join(' ')
    .slice(0, 16);
}
