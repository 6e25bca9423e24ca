import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { convolution, tapsOf } from '../../lib/augmentation/convolution';
import { execute } from '../../lib/augmentation/execute';
import { cover } from '../../lib/augmentation/holes';
import { invert, multiply } from '../../lib/augmentation/matrix';
import { TRANSFORMS as T } from '../../lib/augmentation/transforms';
import { multiplyChannels } from '../../lib/augmentation/transforms/multiplicative-noise';
import type { Effect, Size } from '../../lib/augmentation/types';
import type { RgbImage } from '../../lib/contracts';
import { difference } from '../image/pictures';
import { type Drawn, fromMaps, moments } from './support';

const folder = resolve(process.env.VITRINE_TEST_DATA ?? join(__dirname, '../../../shared/data'), 'golden');
const file = join(folder, 'golden.json');
const present = existsSync(file);
const missing = present ? '' : ' (skipped: set VITRINE_TEST_DATA to the test data folder)';

type Parameters = Record<string, never> & { map_x?: object };
interface Golden {
  cases: Record<string, { cases: Record<string, { params: Parameters }> }>;
}

const INPUTS = ['product', 'grocery', 'ramp'];
const black = { kind: 'color', color: [0, 0, 0] } as const;

async function read(name: string): Promise<RgbImage> {
  const { data, info } = await sharp(join(folder, `${name}.png`)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

function readMap(name: string): Float32Array {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** What a case's parameters are here. */
type Case = (parameters: Record<string, any>, size: Size) => Effect[];
const by =
  <Name extends keyof typeof T>(name: Name, values: (parameters: Record<string, any>) => Drawn<Name>): Case =>
  (parameters, size) =>
    (T[name] as { effects(drawn: Drawn<Name>, size: Size): Effect[] }).effects(values(parameters), size);

const brightness = by('brightness-contrast', ({ alpha, beta }) => ({ contrast: alpha - 1, brightness: beta / 255 }));
const matrix: Case = (parameters) => [{ kind: 'geometry', matrix: invert(parameters.matrix.flat()) }];
const holes: Case = (parameters, size) =>
  cover(
    parameters.holes.map(([x, y, right, low]: number[]) => ({ box: [x, y, right - x, low - y], color: [0, 0, 0] })),
    size,
  );
const kernel: Case = (parameters) => convolution(tapsOf((parameters.kernel ?? parameters.sharpening_matrix).flat()));

const EXACT: Record<string, Case> = {
  brightness_contrast: brightness,
  brightness_neg: brightness,
  rgb_shift: by('rgb-shift', ({ noise_map: [red, green, blue] }) => ({ red, green, blue })),
  gamma80: by('gamma', ({ gamma }) => ({ gamma })),
  gamma120: by('gamma', ({ gamma }) => ({ gamma })),
  tone_curve: by('tone-curve', ({ low_y, high_y }) => ({ low: low_y, high: high_y })),
  mult_noise: (parameters) => [multiplyChannels(parameters.multiplier)],
  downscale_nn: by('downscale', ({ scale }) => ({ scale })),
  coarse_dropout: holes,
  grid_dropout: holes,
  hflip: by('flip', () => ({ axis: 'horizontal' })),
};

const CLOSE: Record<string, Case> = {
  hsv: by('hsv-shift', (p) => ({ hue: p.hue_shift, saturation: p.sat_shift, value: p.val_shift })),
  gray: by('gray', () => ({})),
  color_jitter: by('color-jitter', ({ brightness, contrast, saturation, hue, order }) => ({
    ...{ brightness, contrast, saturation, hue },
    order: order.map((at: number) => (['brightness', 'contrast', 'saturation', 'hue'] as const)[at]),
  })),
  shadow: by('random-shadow', ({ vertices_list, intensities }) => ({
    shadows: vertices_list.map((corners: [number, number][], at: number) => ({ corners, intensity: intensities[at] })),
  })),
  clahe: by('clahe', ({ clip_limit }) => ({ clip: clip_limit })),
  sharpen: by('sharpen', () => ({ amount: 0.4, lightness: 0.8 })),
  gauss_blur: by('gaussian-blur', () => ({ sigma: 1.5 })),
  median5: by('median-blur', () => ({ size: 5 })),
  motion_blur: kernel,
  defocus: by('defocus', ({ radius, alias_blur }) => ({ radius, softness: alias_blur })),
  affine: matrix,
  rotate20: matrix,
  perspective: ({ matrix: of, max_width, max_height }, { width, height }) => [
    // The library stretches the result once more than it has to.
    {
      kind: 'geometry',
      matrix: invert(multiply([width / max_width, 0, 0, 0, height / max_height, 0, 0, 0, 1], of.flat())),
    },
  ],
  grid_distortion: fromMaps,
  optical_camera: by('optical-distortion', () => ({ strength: 0, lens: 'camera' })),
  optical_fisheye: by('optical-distortion', () => ({ strength: 0, lens: 'fisheye' })),
  elastic: fromMaps,
};

describe(`against albumentations 2.0.8${missing}`, () => {
  const golden: Golden = present ? JSON.parse(readFileSync(file, 'utf8')) : { cases: {} };
  const check = present ? test : test.skip;

  for (const [cases, limit] of [
    [EXACT, 0],
    [CLOSE, 2],
  ] as const) {
    for (const [name, effectsOf] of Object.entries(cases)) {
      check.each(INPUTS)(`${name} of %s`, async (input) => {
        const image = await read(`in_${input}`);
        const parameters: Record<string, any> = { ...golden.cases[name].cases[input].params };
        if (parameters.map_x) {
          parameters.map_x = readMap(`${name}__${input}__map_x`);
          parameters.map_y = readMap(`${name}__${input}__map_y`);
        }
        const { image: found } = execute(effectsOf(parameters, image), image, black);
        const expected = await read(`${name}__${input}`);
        const { mean, most } = difference(found.data, expected.data);
        console.log(name, input, mean.toFixed(4), most, moments(found.data).mean.toFixed(1));
        expect(most).toBeLessThanOrEqual(limit);
      });
    }
  }
});
