import { type Alpha, type Look, type RgbImage, throwIfAborted } from '../contracts';
import { ditherRow } from '../image';
import { floorOf } from './floor';
import { type Placed, type Size, spanOf } from './place';

/** Rows between two looks at the signal. */
const ROWS = 64;
/** A floor that takes no colour on, and shows nothing round the product. */
const WHITE = {
  data: Float32Array.of(1, 1, 1),
  columns: 1,
  rows: 1,
  mean: [1, 1, 1] as [number, number, number],
};

export interface TransparentOptions {
  frame: Size;
  look: Look;
  signal: AbortSignal;
}

/**
 * A product and its shadow with nothing behind them. Programs that show transparency mix sRGB levels, so the shadow is
 * black with the alpha that makes it look on white as `composite` draws it there; opaque pixels stay what they are.
 * @throws VitrineError CANCELLED
 */
export function compositeTransparent(
  product: Placed,
  { frame, look, signal }: TransparentOptions,
): { image: RgbImage; alpha: Alpha } {
  const { width, height } = frame;
  const floor = floorOf({}, product, { frame, look, surroundings: WHITE, wrap: false });
  const image = { data: new Uint8Array(width * height * 3), width, height };
  const alpha = { data: new Uint8Array(width * height), width, height };
  const light = new Float32Array(width * 3);
  const levels = new Uint8Array(width * 3);
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) throwIfAborted(signal);
    light.fill(1);
    floor.paint(y, light);
    ditherRow(light, width, { x: 0, y }, levels, 0);
    const start = y * width;
    for (let x = 0; x < width; x++) alpha.data[start + x] = 255 - levels[x * 3];
    const span = spanOf(product, y, width);
    if (!span) continue;
    for (let pixel = span.from, to = start + span.to; pixel < span.from + span.count; pixel++, to++) {
      const cover = product.alpha.data[pixel];
      if (cover === 0) continue;
      const whole = cover + (alpha.data[to] * (255 - cover)) / 255;
      for (let c = 0; c < 3; c++)
        image.data[to * 3 + c] = (product.image.data[pixel * 3 + c] * cover) / whole + 0.5;
      alpha.data[to] = whole + 0.5;
    }
  }
  return { image, alpha };
}
