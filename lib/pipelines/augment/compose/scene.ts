import type { Alpha, Composition, PictureName, RgbImage } from '../../../contracts';
import { type Size, layShade, lookOf, matchGains, shadeOf } from '../../../backdrops';
import type { Reader } from '../reader';
import { type Behind, readBackground } from './background';
import { lay, softened } from './blend';
import { type Laid, layProduct } from './lay';
import { lightAround } from './light';

/** What is composed, of the frame's size. */
export interface Scene {
  image: RgbImage;
  /** Of the product, as far as nothing stands before it. */
  alpha: Alpha;
  background: RgbImage;
  /** Share of the product that is in the frame and not hidden, 0..1. */
  visible: number;
  /** Where the product's own colour lies at a place of the frame, before any light of the scene; undefined outside. */
  ownColor(x: number, y: number): { data: Uint8Array; at: number } | undefined;
}

/** Shadows are drawn in about so many cells of the frame's longer side. */
const CELLS = 96;
/** What is not near a floor's line stands at least this far below it, as a share of the height. */
const STAND = 0.06;
/** Nothing stands lower than this. */
const LAST = 0.98;
/** How much a background is enlarged before the product loses detail as well, in steps, and how much at most. */
const [ENLARGED, STEP, BLUNTEST] = [1.2, 0.25, 1.75];
/** Alpha from which a pixel shows the product alone. */
const SOLID = 243;

/** Puts a product and what is beside it on its background: shadows, light, edges, noise. */
export async function composeScene(
  source: PictureName,
  composition: Composition,
  frame: Size,
  reader: Reader,
): Promise<Scene> {
  const background = await readBackground(composition.background, frame, reader);
  const { light, blend, match, seed, product, behind, before } = settle(composition, background);
  const side = Math.max(frame.width, frame.height);
  const blunt = bluntness(background.enlarged);
  const image = { ...frame, data: background.data.slice() };
  const look = lookOf('image', { light });
  const put = async (picture: PictureName & typeof product): Promise<Laid> => {
    const cut = await reader.cutout(picture, side);
    const laid = await layProduct(picture, cut, { frame, blunt, reader });
    const around = lightAround(background, laid.box);
    const full = matchGains(cut.samples, cut.samples, around.linear);
    const gains = full.map((gain) => 1 + (gain - 1) * match);
    const edged = { ...laid, alpha: softened(laid.alpha, blend, frame) };
    layShade(image, shadeOf(edged, frame, look.light, CELLS));
    const noise = Math.sqrt(Math.max(0, background.noise ** 2 - cut.noise ** 2));
    lay(image, edged, { gains, noise, around: around.levels, mode: blend.mode, seed });
    return edged;
  };

  for (const other of behind) await put(other);
  const laid = await put({ ...source, ...product });
  const alpha = alphaOf(laid, frame);
  for (const other of before) hide(alpha, await put(other));
  const whole = sumOf(laid.alpha.data, 0, laid.alpha.data.length);
  return {
    image,
    alpha,
    background,
    visible: whole ? inPlace(alpha, laid) / whole : 0,
    ownColor: (x, y) => colorOf(laid, x - laid.x, y - laid.y),
  };
}

function bluntness(enlarged: number): number {
  const steps = Math.floor(Math.max(0, enlarged - ENLARGED) / STEP);
  return Math.min(BLUNTEST, 1 + steps * STEP);
}

/** Everything stands on the floor that is seen, and shadows fall away from the light that is seen. */
function settle(composition: Composition, { sight: { horizon, light } }: Behind): Composition {
  const { product } = composition;
  const least = horizon === null ? 0 : Math.min(LAST, horizon + STAND);
  const down = Math.max(0, least - product.baseline);
  const lower = <T extends { baseline: number }>(place: T): T => ({
    ...place,
    baseline: Math.min(LAST, Math.max(least - STAND / 2, place.baseline + down)),
  });
  const { azimuth } = composition.light;
  const seen = light === null ? azimuth : light === 'left' ? -Math.abs(azimuth) : Math.abs(azimuth);
  return {
    ...composition,
    product: { ...product, baseline: Math.min(LAST, product.baseline + down) },
    behind: composition.behind.map(lower),
    before: composition.before.map(lower),
    light: { ...composition.light, azimuth: seen },
  };
}

function alphaOf(laid: Laid, { width, height }: Size): Alpha {
  const whole = { data: new Uint8Array(width * height), width, height };
  for (const { from, to, count } of rowsOf(laid, whole))
    whole.data.set(laid.alpha.data.subarray(from, from + count), to);
  return whole;
}

/** Takes out of a matte what stands before it. */
function hide(matte: Alpha, laid: Laid): void {
  for (const { from, to, count } of rowsOf(laid, matte)) {
    for (let at = 0; at < count; at++) {
      const over = laid.alpha.data[from + at];
      if (over) matte.data[to + at] = (matte.data[to + at] * (255 - over) + 127) / 255;
    }
  }
}

/** Sum of a matte where a cutout lies. */
function inPlace(matte: Alpha, laid: Laid): number {
  return rowsOf(laid, matte).reduce((sum, { to, count }) => sum + sumOf(matte.data, to, count), 0);
}

/** The rows of a cutout that are in the frame: first pixel of its own, of the frame's, and how many. */
function rowsOf(
  { alpha, x, y }: Laid,
  { width, height }: Size,
): { from: number; to: number; count: number }[] {
  const skipped = Math.max(0, -x);
  const count = Math.min(alpha.width - skipped, width - Math.max(0, x));
  if (count <= 0) return [];
  const first = Math.max(0, -y);
  const rows = Math.max(0, Math.min(alpha.height, height - y) - first);
  return Array.from({ length: rows }, (_, row) => ({
    from: (first + row) * alpha.width + skipped,
    to: (first + row + y) * width + Math.max(0, x),
    count,
  }));
}

function sumOf(data: Uint8Array, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += data[at];
  return sum;
}

function colorOf({ data, alpha: { width, height } }: Laid, x: number, y: number) {
  if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
  const at = 4 * (y * width + x);
  return data[at + 3] < SOLID ? undefined : { data, at };
}
