import type { Alpha, RgbImage } from '../../contracts';

/** Colours of product and ground differ at least so much (levels, three channels together) where mixtures can be told. */
const TELLING = 60;
/** Pixels to either side of a rim pixel that are product and ground only. */
const BEYOND = 2;
/** A pixel of the rim that a plain cut takes for less than this (0..255) is no mixture: the two see other outlines. */
const LEAST = 60;

/**
 * Makes the outermost pixels of a cutout, in place, as see-through as their colours say: with the plain cut's alpha, where
 * the photo has a strong edge. A hard edge would keep the old backdrop that is mixed into them.
 * @param plain of the photo's size
 */
export function mixRim({ data, width, height }: RgbImage, alpha: Alpha, plain: Alpha): void {
  const hard = alpha.data.slice();
  const distance = (at: number, other: number) => {
    const [i, j] = [at * 3, other * 3];
    return Math.hypot(data[i] - data[j], data[i + 1] - data[j + 1], data[i + 2] - data[j + 2]);
  };
  const steps = [-1, 1, -width, width];
  for (let y = BEYOND; y < height - BEYOND; y++) {
    for (let x = BEYOND; x < width - BEYOND; x++) {
      const at = y * width + x;
      const mixture = plain.data[at];
      if (hard[at] < 128 || mixture >= hard[at] || mixture <= LEAST) continue;
      const onRim = steps.some(
        (step) => hard[at + step] < 128 && distance(at - BEYOND * step, at + BEYOND * step) > TELLING,
      );
      if (onRim) alpha.data[at] = mixture;
    }
  }
}
