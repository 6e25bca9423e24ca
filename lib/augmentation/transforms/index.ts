import type { Transform } from '../types';
import { affine } from './affine';
import { brightnessContrast } from './brightness-contrast';
import { clahe } from './clahe';
import { coarseDropout } from './coarse-dropout';
import { colorJitter } from './color-jitter';
import { defocus } from './defocus';
import { downscale } from './downscale';
import { elastic } from './elastic';
import { flip } from './flip';
import { gamma } from './gamma';
import { gaussNoise } from './gauss-noise';
import { gaussianBlur } from './gaussian-blur';
import { gray } from './gray';
import { gridDistortion } from './grid-distortion';
import { gridDropout } from './grid-dropout';
import { hsvShift } from './hsv-shift';
import { isoNoise } from './iso-noise';
import { jpeg } from './jpeg';
import { medianBlur } from './median-blur';
import { motionBlur } from './motion-blur';
import { multiplicativeNoise } from './multiplicative-noise';
import { opticalDistortion } from './optical-distortion';
import { perspective } from './perspective';
import { randomShadow } from './random-shadow';
import { resizedCrop } from './resized-crop';
import { rgbShift } from './rgb-shift';
import { sharpen } from './sharpen';
import { shotNoise } from './shot-noise';
import { toneCurve } from './tone-curve';

/** Every transform, by the name that pipelines and records give it. */
export const TRANSFORMS = {
  affine,
  perspective,
  elastic,
  flip,
  'grid-distortion': gridDistortion,
  'optical-distortion': opticalDistortion,
  'resized-crop': resizedCrop,
  'brightness-contrast': brightnessContrast,
  clahe,
  'color-jitter': colorJitter,
  gamma,
  gray,
  'hsv-shift': hsvShift,
  'rgb-shift': rgbShift,
  'tone-curve': toneCurve,
  defocus,
  downscale,
  'gaussian-blur': gaussianBlur,
  jpeg,
  'median-blur': medianBlur,
  'motion-blur': motionBlur,
  sharpen,
  'gauss-noise': gaussNoise,
  'iso-noise': isoNoise,
  'multiplicative-noise': multiplicativeNoise,
  'shot-noise': shotNoise,
  'coarse-dropout': coarseDropout,
  'grid-dropout': gridDropout,
  'random-shadow': randomShadow,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
} satisfies Record<string, Transform<any, any>>;
