import type { Alpha, BoundingBox, RgbImage } from '../contracts';

/** Alpha of a shadow, in levels. */
const [THIN, THICK] = [10, 190];
/** A run of shaded pixels is wider than any soft edge: a share of the picture's width. */
const RUN = 0.03;
/** Share of the product's pixels. */
const LEAST = 0.02;
/** Colours of a cutout, in sRGB levels: what is darker and greyer than this is a shadow. */
const [DARK, GREY] = [40, 16];
/** What is left of the backdrop's levels in a shadow, and how much its channels may differ in that. */
const [DARKEST, BRIGHTEST, TINT] = [0.25, 0.96, 0.06];
/** Against a backdrop darker than this, in levels, a shadow cannot be told from anything else. */
const DIM = 60;
/** Glass darkens what is behind it all over; a shadow lies at the foot, this many times as much of it as higher up. */
const LOW = 3;

/**
 * Whether a cutout brings a soft shadow of its own, so that it needs no second one: a wide half transparent part that is
 * black.
 */
export function bringsShadow({ data }: RgbImage, alpha: Alpha): boolean {
  const { shaded, solid } = countShaded(alpha, (pixel) => {
    const [red, green, blue] = [data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2]];
    const most = Math.max(red, green, blue);
    return most <= DARK && most - Math.min(red, green, blue) <= GREY;
  });
  return shaded > LEAST * solid;
}

/**
 * Whether a matte kept a soft shadow of its photo: a wide half transparent part at the product's foot where the photo
 * shows its backdrop, darkened. A shadow that a mask holds as opaque looks like any grey product, and is not noticed.
 */
export function keepsShadow(photo: RgbImage, alpha: Alpha, box: BoundingBox): boolean {
  const backdrop = backdropAtFoot(photo, alpha, box);
  if (!backdrop || Math.min(...backdrop) < DIM) return false;
  const [red, green, blue] = backdrop;
  const middle = (box[1] + box[3] / 2) * alpha.width;
  const darkened = (pixel: number) => {
    const [r, g, b] = [0, 1, 2].map((c) => photo.data[pixel * 3 + c]);
    const left = [r / red, g / green, b / blue];
    const [least, most] = [Math.min(...left), Math.max(...left)];
    return least > DARKEST && most < BRIGHTEST && most - least < TINT;
  };
  const { shaded: low, solid } = countShaded(alpha, (pixel) => pixel >= middle && darkened(pixel));
  if (low <= LEAST * solid) return false;
  return low > LOW * countShaded(alpha, (pixel) => pixel < middle && darkened(pixel)).shaded;
}

/** Pixels in wide runs of half transparent ones that are `isShadow`, and pixels that are nearly opaque. */
function countShaded(
  { data, width, height }: Alpha,
  isShadow: (pixel: number) => boolean,
): { shaded: number; solid: number } {
  let solid = 0;
  let shaded = 0;
  const longest = Math.max(6, Math.round(RUN * width));
  for (let y = 0; y < height; y++) {
    let run = 0;
    for (let x = 0, pixel = y * width; x <= width; x++, pixel++) {
      const cover = x < width ? data[pixel] : 0;
      if (cover >= THIN && cover <= THICK && isShadow(pixel)) {
        run++;
        continue;
      }
      if (run >= longest) shaded += run;
      run = 0;
      if (cover > THICK) solid++;
    }
  }
  return { shaded, solid };
}

/** Mean levels of what is behind the lower half of a product; undefined where nothing is. */
function backdropAtFoot(
  photo: RgbImage,
  alpha: Alpha,
  [, top, , height]: BoundingBox,
): [number, number, number] | undefined {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  const from = Math.floor(top + height / 2) * alpha.width;
  for (let pixel = from; pixel < Math.min(alpha.data.length, (top + height) * alpha.width); pixel++) {
    if (alpha.data[pixel] !== 0) continue;
    for (let c = 0; c < 3; c++) sums[c] += photo.data[pixel * 3 + c];
    count++;
  }
  return count ? (sums.map((sum) => sum / count) as [number, number, number]) : undefined;
}
