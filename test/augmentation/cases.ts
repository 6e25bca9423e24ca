import { convolution, tapsOf } from '../../lib/augmentation/convolution';
import { cover } from '../../lib/augmentation/holes';
import { invert, multiply } from '../../lib/augmentation/matrix';
import { TRANSFORMS } from '../../lib/augmentation/transforms';
import { multiplyChannels } from '../../lib/augmentation/transforms/multiplicative-noise';
import type { Effect, Size } from '../../lib/augmentation/types';
import type { RgbImage } from '../../lib/contracts';

type Name = keyof typeof TRANSFORMS;
/** What is drawn of a transform. */
type Drawn<N extends Name> = Parameters<(typeof TRANSFORMS)[N]['effects']>[0];

/** A case's parameters as the library calls them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Parameters_ = Record<string, any>;
/** What they are here. */
export type Case = (parameters: Parameters_, size: Size) => Effect[];

export function effectsOf<N extends Name>(name: N, drawn: Drawn<N>, size: Size): Effect[] {
  return (TRANSFORMS[name] as unknown as { effects(drawn: Drawn<N>, size: Size): Effect[] }).effects(
    drawn,
    size,
  );
}

const by =
  <N extends Name>(name: N, values: (parameters: Parameters_) => Drawn<N>): Case =>
  (parameters, size) =>
    effectsOf(name, values(parameters), size);

const brightness = by('brightness-contrast', ({ alpha, beta }) => ({
  contrast: alpha - 1,
  brightness: beta / 255,
}));
const gamma = by('gamma', (parameters) => ({ gamma: parameters.gamma }));
const matrix: Case = (parameters) => [{ kind: 'geometry', matrix: invert(parameters.matrix.flat()) }];
const holes: Case = (parameters, size) =>
  cover(
    parameters.holes.map(([x, y, right, low]: number[]) => ({
      box: [x, y, right - x, low - y],
      color: [0, 0, 0],
    })),
    size,
  );
const kernel: Case = (parameters) => convolution(tapsOf(parameters.kernel.flat()));
const STEPS = ['brightness', 'contrast', 'saturation', 'hue'] as const;

/** Tables and copies: the same numbers. */
export const EXACT: Record<string, Case> = {
  brightness_contrast: brightness,
  brightness_neg: brightness,
  rgb_shift: by('rgb-shift', ({ noise_map: [red, green, blue] }) => ({ red, green, blue })),
  gamma80: gamma,
  gamma120: gamma,
  tone_curve: by('tone-curve', ({ low_y, high_y }) => ({ low: low_y, high: high_y })),
  mult_noise: (parameters) => [multiplyChannels(parameters.multiplier)],
  downscale_nn: by('downscale', ({ scale }) => ({ scale })),
  coarse_dropout: holes,
  grid_dropout: holes,
  shadow: by('random-shadow', ({ vertices_list, intensities }) => ({
    shadows: vertices_list.map((corners: [number, number][], at: number) => ({
      corners,
      intensity: intensities[at],
    })),
  })),
  hflip: by('flip', () => ({ axis: 'horizontal' })),
  gray: by('gray', () => ({})),
  median3: by('median-blur', () => ({ size: 3 })),
  median5: by('median-blur', () => ({ size: 5 })),
};

/** What is rounded on the way: within 2 levels. */
export const CLOSE: Record<string, Case> = {
  hsv: by('hsv-shift', (p) => ({ hue: p.hue_shift, saturation: p.sat_shift, value: p.val_shift })),
  color_jitter: by('color-jitter', ({ order, ...values }) => ({
    ...(values as Record<(typeof STEPS)[number], number>),
    order: order.map((at: number) => STEPS[at]),
  })),
  clahe: by('clahe', ({ clip_limit }) => ({ clip: clip_limit })),
  sharpen: by('sharpen', () => ({ amount: 0.4, lightness: 0.8 })),
  gauss_blur: by('gaussian-blur', () => ({ sigma: 1.5 })),
  motion_blur: kernel,
  motion_line: by('motion-blur', ({ size, angle, direction }) => ({ size, angle, direction })),
  defocus: by('defocus', ({ radius, alias_blur }) => ({ radius, softness: alias_blur })),
  affine: matrix,
  affine_named: by('affine', ({ shift, scale, rotate, shear }) => ({
    ...{ shift_x: shift[0], shift_y: shift[1], scale, rotate, shear_x: shear[0], shear_y: shear[1] },
  })),
  rotate20: matrix,
  perspective: ({ matrix: of, max_width, max_height }, { width, height }) => [
    // The library stretches the result once more than corners to corners.
    {
      kind: 'geometry',
      matrix: invert(multiply([width / max_width, 0, 0, 0, height / max_height, 0, 0, 0, 1], of.flat())),
    },
  ],
  perspective_corners: by('perspective', ({ corners }) => ({ corners })),
  resized_crop: by('resized-crop', ({ crop: [x, y, right, low] }) => ({
    x,
    y,
    width: right - x,
    height: low - y,
  })),
  grid_distortion: fromMaps,
  grid_steps: by('grid-distortion', ({ columns, rows }) => ({ columns, rows })),
  optical_camera: by('optical-distortion', () => ({ strength: 0.3, lens: 'camera' })),
  optical_fisheye: by('optical-distortion', () => ({ strength: 0.3, lens: 'fisheye' })),
  elastic: fromMaps,
};

/** A map that says for each pixel where it comes from, as the library keeps it. */
function fromMaps({ map_x, map_y }: Parameters_): Effect[] {
  return [
    {
      kind: 'geometry',
      prepare({ arena, width, height }) {
        let row = 0;
        return (x, y, count) => {
          // One row more is asked for than there is, for the areas of the last one.
          const from = Math.min(row++, height - 1) * width;
          const put = (at: number, list: Float32Array) =>
            arena.bytes(at, 4 * count).set(new Uint8Array(list.slice(from, from + count).buffer));
          put(x, map_x);
          put(y, map_y);
        };
      },
    },
  ];
}

/** The library hands RGB to codecs that expect BGR. */
export function swapped(image: RgbImage): RgbImage {
  return { ...image, data: image.data.map((_, at) => image.data[at - 2 * (at % 3) + 2]) };
}

/** Share of values that are further apart than `limit`. */
export function shareBeyond(a: Uint8Array, b: Uint8Array, limit: number): number {
  return a.reduce((count, value, at) => count + Number(Math.abs(value - b[at]) > limit), 0) / a.length;
}

export function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    sum += values[at];
    squares += values[at] ** 2;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) };
}
