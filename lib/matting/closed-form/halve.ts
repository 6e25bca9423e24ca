import type { Alpha, RgbImage } from '../../contracts';
import { between } from '../../image';

/**
 * A data term beside the matting Laplacian (J. Wang and M. F. Cohen, "Optimized color sampling for robust matting", CVPR
 * 2007): `weight (2 m - 1)^2 (alpha - m)^2` for each unknown pixel, m being the matte from 0 to 1, so that it counts most
 * where the matte is sure.
 */
export interface Prior {
  matte: Alpha;
  /** Over about one pixel divided by the root of it, colours lose to the matte. */
  weight: number;
}

/** A picture with what is known of its matte. */
export interface Problem {
  image: RgbImage;
  /** 0..1, meaningful where known. */
  alpha: Float32Array;
  /** 1 where alpha is to be found. */
  unknown: Uint8Array;
  prior?: Prior;
}

/** The same at half the size: means of 2 x 2 pixels, unknown where any is or where they differ. */
export function halve({ image, alpha, unknown, prior }: Problem): Problem {
  const width = Math.ceil(image.width / 2);
  const height = Math.ceil(image.height / 2);
  const small: Problem = {
    image: { data: new Uint8Array(width * height * 3), width, height },
    alpha: new Float32Array(width * height),
    unknown: new Uint8Array(width * height),
    // What is one pixel here was two.
    prior: prior && {
      matte: { data: new Uint8Array(width * height), width, height },
      weight: 4 * prior.weight,
    },
  };
  for (let y = 0, to = 0; y < height; y++) {
    const upper = 2 * y * image.width;
    const lower = Math.min(2 * y + 1, image.height - 1) * image.width;
    for (let x = 0; x < width; x++, to++) {
      const left = 2 * x;
      const right = Math.min(left + 1, image.width - 1);
      const a = upper + left;
      const b = upper + right;
      const c = lower + left;
      const d = lower + right;
      small.alpha[to] = alpha[a];
      const differ = alpha[a] !== alpha[b] || alpha[a] !== alpha[c] || alpha[a] !== alpha[d];
      if (differ || unknown[a] || unknown[b] || unknown[c] || unknown[d]) small.unknown[to] = 1;
      if (prior && small.prior) {
        const { data } = prior.matte;
        small.prior.matte.data[to] = (data[a] + data[b] + data[c] + data[d]) / 4 + 0.5;
      }
      for (let channel = 0; channel < 3; channel++) {
        const sum =
          image.data[a * 3 + channel] +
          image.data[b * 3 + channel] +
          image.data[c * 3 + channel] +
          image.data[d * 3 + channel];
        small.image.data[to * 3 + channel] = sum / 4 + 0.5;
      }
    }
  }
  return small;
}

/** Linear interpolation of the half-sized alpha into the unknown pixels. */
export function enlarge(small: Problem, { image, alpha, unknown }: Problem): void {
  const { width, height } = small.image;
  const columns = between(image.width, 2, width);
  const rows = between(image.height, 2, height);
  for (let y = 0, at = 0; y < image.height; y++) {
    const upper = rows.first[y] * width;
    const lower = rows.second[y] * width;
    for (let x = 0; x < image.width; x++, at++) {
      if (!unknown[at]) continue;
      const left = columns.first[x];
      const right = columns.second[x];
      const topLeft = small.alpha[upper + left];
      const bottomLeft = small.alpha[lower + left];
      const above = topLeft + (small.alpha[upper + right] - topLeft) * columns.share[x];
      const below = bottomLeft + (small.alpha[lower + right] - bottomLeft) * columns.share[x];
      alpha[at] = above + (below - above) * rows.share[y];
    }
  }
}
