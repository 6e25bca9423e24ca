import type { Alpha, RgbImage } from '../contracts';
import { LINEAR, deltaE2000, fromLinear, labToLinear, rgbToLab } from '../image';
import type { Light3 } from './types';

/** Product pixels that are looked at, at most. */
const SAMPLES = 12_000;
/** Alpha, in levels, from which a pixel shows the product alone. */
const SOLID = 243;
/** And from which it counts where there is none of those. */
const GLASS = 64;
/** How much of the scene's cast the product takes on, and of its brightness. */
const CAST = 0.22;
const BRIGHTNESS = 0.06;
/** L of Lab that the brightness moves at most. */
const MOST_L = 3;
/** Mean CIEDE2000 between the photo and the finished product at most, as far as the match decides; users are promised 6. */
const MOST = 5.5;

/** Colours of the product, as interleaved sRGB bytes. */
export type Samples = Uint8Array;

/**
 * Pixels of a picture where the product is opaque, or nearest to it where it is all glass, evenly taken; the same ones
 * of every picture of one size.
 */
export function sampleProduct(image: RgbImage, alpha: Alpha): Samples {
  const solid = samplesOf(image, alpha, SOLID);
  return solid.length ? solid : samplesOf(image, alpha, GLASS);
}

function samplesOf({ data }: RgbImage, alpha: Alpha, least: number): Samples {
  const stride = Math.max(1, Math.floor(alpha.data.length / (SAMPLES * 4)));
  const places = new Uint32Array(Math.ceil(alpha.data.length / stride));
  let found = 0;
  for (let pixel = 0; pixel < alpha.data.length; pixel += stride)
    if (alpha.data[pixel] >= least) places[found++] = pixel;
  const every = Math.max(1, Math.ceil(found / SAMPLES));
  const samples = new Uint8Array(3 * Math.ceil(found / every));
  for (let index = 0, at = 0; index < found; index += every, at += 3)
    samples.set(data.subarray(places[index] * 3, places[index] * 3 + 3), at);
  return samples;
}

/** What each channel's linear light is multiplied by. */
export type Gains = Light3;

/**
 * The light of a scene on a product: its cast, and a little of its brightness, as one factor for each channel of linear
 * light, so that everything printed on the product stays. Gentle after E. Reinhard et al., "Color transfer between
 * images", IEEE Computer Graphics and Applications 21, 2001; but the product moves with the scene's cast and not towards
 * its mean colour, which would take the colour out of every product on white.
 * @param before the product in its photo
 * @param samples the same pixels as they are now
 * @param scene mean linear light around the product
 * @returns factors that leave the samples within CIEDE2000 5.5 of the photo on average; 1 where they are beyond already
 */
export function matchGains(before: Samples, samples: Samples, scene: Light3): Gains {
  if (!samples.length) return [1, 1, 1];
  const [sceneL, sceneA, sceneB] = rgbToLab(bytesOf(scene));
  const [l, a, b] = meanLab(samples);
  const lift = Math.max(-MOST_L, Math.min(MOST_L, BRIGHTNESS * (sceneL - l)));
  const target: Light3 = [l + lift, a + CAST * sceneA, b + CAST * sceneB];
  const from = labToLinear(l, a, b);
  const to = labToLinear(...target);
  const full = from.map((light, c) => Math.min(1.25, Math.max(0.8, to[c] / Math.max(light, 1e-3)))) as Gains;
  for (let share = 1; share > 0.05; share *= 0.75) {
    const gains = partly(full, share);
    if (meanShift(before, samples, gains) <= MOST) return gains;
  }
  return [1, 1, 1];
}

/** Mean CIEDE2000 between two lists of the same pixels, the second one under `gains`. */
export function meanShift(before: Samples, after: Samples, gains: Gains = [1, 1, 1]): number {
  const old = rgbToLab(before);
  const lit = rgbToLab(applyGains(after, gains));
  let sum = 0;
  for (let at = 0; at < old.length; at += 3)
    sum += deltaE2000(old[at], old[at + 1], old[at + 2], lit[at], lit[at + 1], lit[at + 2]);
  return old.length ? sum / (old.length / 3) : 0;
}

function partly(gains: Gains, share: number): Gains {
  return gains.map((gain) => 1 + (gain - 1) * share) as Gains;
}

/** Linear light under `gains` of every sRGB byte, for each channel. */
export function litTables(gains: Gains): [Float32Array, Float32Array, Float32Array] {
  return gains.map((gain) => (gain === 1 ? LINEAR : LINEAR.map((light) => Math.min(1, light * gain)))) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
}

function applyGains(samples: Samples, gains: Gains): Samples {
  const bytes = litTables(gains).map((table) =>
    Uint8Array.from(table, (light) => Math.round(255 * fromLinear(light))),
  );
  return samples.map((byte, at) => bytes[at % 3][byte]);
}

function meanLab(samples: Samples): Light3 {
  const lab = rgbToLab(samples);
  const mean: Light3 = [0, 0, 0];
  for (let at = 0; at < lab.length; at++) mean[at % 3] += lab[at] / (lab.length / 3);
  return mean;
}

function bytesOf(light: Light3): Uint8Array {
  return Uint8Array.from(light, (value) => Math.round(255 * fromLinear(Math.min(1, Math.max(0, value)))));
}
