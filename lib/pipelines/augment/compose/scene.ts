import type { Alpha, Composition, RgbImage, Source } from '../../../contracts';
import { type Placed, type Size, layShade, matchGains, shadeOf, lookOf } from '../../../backdrops';
import type { CutProduct, Reader } from '../reader';
import { type Behind, readBackground } from './background';
import { type Layer, lay, softened } from './blend';
import { layProduct } from './lay';
import { lightAround } from './light';
import { noiseOf } from './noise';

/** What is composed, of the frame's size. */
export interface Scene {
  image: RgbImage;
  /** Of the product, as far as nothing stands before it. */
  alpha: Alpha;
  background: RgbImage;
  /** The product in its own colours, on nothing in particular. */
  uncolored: RgbImage;
  /** Share of the product that is in the frame and not hidden, 0..1. */
  visible: number;
}

/** Shadows are drawn in about so many cells of the frame's longer side. */
const CELLS = 128;
/** What is not near a floor's line stands at least this far below it, as a share of the height. */
const STAND = 0.06;
/** Nothing stands lower than this. */
const LAST = 0.98;
/** How much a background is enlarged before the product loses detail as well, and how much at most. */
const [ENLARGED, BLUNTEST] = [1.2, 1.8];
/** Cutouts are kept a little larger than a frame can show them. */
const SIDE = 1;

/** Puts a product and what is beside it on its background: shadows, light, edges, noise. */
export async function composeScene(
  source: Source,
  composition: Composition,
  frame: Size,
  reader: Reader,
): Promise<Scene> {
  const behind = await readBackground(composition.background, frame, reader);
  const settled = settle(composition, behind);
  const { light, blend, match, product } = settled;
  const side = Math.round(SIDE * Math.max(frame.width, frame.height));
  const blunt = Math.min(BLUNTEST, Math.max(1, behind.enlarged / ENLARGED));
  const image = { ...behind.image, data: behind.image.data.slice() };
  const noise = noiseOf(behind.image);
  const look = lookOf('image', { light });
  const put = async (cut: CutProduct, place: typeof product) => {
    const placed = await layProduct(cut, place, frame, blunt);
    const around = lightAround(behind.image, placed.box);
    const full = matchGains(cut.samples, cut.samples, around.linear);
    const gains = full.map((gain) => 1 + (gain - 1) * match);
    const edge = softened(placed.alpha, blend, frame);
    layShade(image, shadeOf(placed, frame, look.light, CELLS));
    const layer: Layer = { placed: { ...placed, alpha: edge }, gains, noise, around: around.levels };
    lay(image, layer, blend.mode, composition.seed);
    return { ...placed, alpha: edge };
  };

  for (const other of settled.behind) await put(await reader.cutout(other, side), other);
  const cut = await reader.cutout(source, side);
  const placed = await put(cut, product);
  const alpha = alphaOf(placed, frame);
  const uncolored = colorsOf(placed, frame);
  const whole = sumOf(placed.alpha);
  for (const other of settled.before) hide(alpha, await put(await reader.cutout(other, side), other));
  return { image, alpha, background: behind.image, uncolored, visible: sumOf(alpha) / Math.max(1, whole) };
}

/** Everything stands on the floor that is seen, and shadows fall away from the light that is seen. */
function settle(composition: Composition, { horizon, light }: Behind): Composition {
  const { product } = composition;
  const least = horizon === null ? 0 : Math.min(LAST, horizon + STAND);
  const down = Math.max(0, least - product.baseline);
  const lower = <T extends { baseline: number }>(place: T): T => ({
    ...place,
    baseline: Math.min(LAST, Math.max(least - STAND / 2, place.baseline + down)),
  });
  const azimuth = Math.abs(composition.light.azimuth);
  return {
    ...composition,
    product: { ...product, baseline: Math.min(LAST, product.baseline + down) },
    behind: composition.behind.map(lower),
    before: composition.before.map(lower),
    light: {
      ...composition.light,
      azimuth: light === null ? composition.light.azimuth : light === 'left' ? -azimuth : azimuth,
    },
  };
}

function alphaOf({ alpha, x, y }: Placed, { width, height }: Size): Alpha {
  const whole = { data: new Uint8Array(width * height), width, height };
  eachRow({ alpha, x, y }, whole, (from, to, count) =>
    whole.data.set(alpha.data.subarray(from, from + count), to),
  );
  return whole;
}

function colorsOf({ image, alpha, x, y }: Placed, { width, height }: Size): RgbImage {
  const whole = { data: new Uint8Array(width * height * 3), width, height };
  eachRow({ alpha, x, y }, whole, (from, to, count) =>
    whole.data.set(image.data.subarray(from * 3, (from + count) * 3), to * 3),
  );
  return whole;
}

/** Takes out of a matte what stands before it. */
function hide(matte: Alpha, { alpha, x, y }: Placed): void {
  eachRow({ alpha, x, y }, matte, (from, to, count) => {
    for (let at = 0; at < count; at++) {
      const over = alpha.data[from + at];
      if (over) matte.data[to + at] = (matte.data[to + at] * (255 - over) + 127) / 255;
    }
  });
}

function eachRow(
  { alpha, x, y }: Pick<Placed, 'alpha' | 'x' | 'y'>,
  { width, height }: Size,
  row: (from: number, to: number, count: number) => void,
): void {
  const skipped = Math.max(0, -x);
  const count = Math.min(alpha.width - skipped, width - Math.max(0, x));
  if (count <= 0) return;
  for (let line = Math.max(0, -y); line < Math.min(alpha.height, height - y); line++)
    row(line * alpha.width + skipped, (line + y) * width + Math.max(0, x), count);
}

function sumOf({ data }: Alpha): number {
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at];
  return sum;
}
