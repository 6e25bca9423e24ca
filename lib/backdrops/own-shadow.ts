import type { Alpha, RgbImage } from '../contracts';

/** sRGB levels: darker and greyer than this, and half transparent, is a shadow. */
const DARK = 40;
const GREY = 16;
const [THIN, THICK] = [10, 190];
/** A run of such pixels is wider than any soft edge: a share of the product's width. */
const RUN = 0.03;
/** Share of the product's pixels. */
const LEAST = 0.02;

/** Whether a cutout brings a soft shadow of its own, so that it needs no second one. */
export function bringsShadow({ data }: RgbImage, { data: alpha, width, height }: Alpha): boolean {
  let solid = 0;
  let shaded = 0;
  const longest = Math.max(6, Math.round(RUN * width));
  for (let y = 0; y < height; y++) {
    let run = 0;
    for (let x = 0, pixel = y * width; x <= width; x++, pixel++) {
      if (x < width && isShadow(data, alpha[pixel], pixel * 3)) {
        run++;
        continue;
      }
      if (run >= longest) shaded += run;
      run = 0;
      if (x < width && alpha[pixel] > THICK) solid++;
    }
  }
  return shaded > LEAST * solid;
}

function isShadow(data: Uint8Array, cover: number, at: number): boolean {
  if (cover < THIN || cover > THICK) return false;
  const [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
  const most = Math.max(red, green, blue);
  return most <= DARK && most - Math.min(red, green, blue) <= GREY;
}
