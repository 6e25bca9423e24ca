import type { Background, RgbImage } from '../../../contracts';
import { type Size, sightOf } from '../../../backdrops';
import { cropTo, resizeRgb } from '../../../image';
import type { Reader } from '../reader';
import { paintBackground } from './drawn';

/** What stands behind a product, of the frame's size. */
export interface Behind {
  image: RgbImage;
  /** How much the picture was enlarged for it; at most 1 where it was not. */
  enlarged: number;
  /** Where its floor begins, from the top, 0..1; null where that cannot be told. */
  horizon: number | null;
  /** Which side its light comes from. */
  light: 'left' | 'right' | null;
}

export async function readBackground(background: Background, frame: Size, reader: Reader): Promise<Behind> {
  if (background.kind === 'drawn') {
    const image = await reader.kept(`drawn ${JSON.stringify([background, frame])}`, () =>
      paintBackground(background, frame),
    );
    return { image, enlarged: 1, horizon: background.horizon, light: null };
  }
  const whole = await reader.background(background, Math.max(frame.width, frame.height));
  const part = partOf(whole, background, frame);
  const image = await resizeRgb(cropTo(whole, part), frame.width, frame.height);
  const sight = await sightOf(image, frame, [0.5, 0.5]);
  return { image, enlarged: frame.width / part[2], ...sight };
}

/** The part of a picture that fills the frame, in its pixels. */
function partOf(
  { width, height }: RgbImage,
  { focus, zoom }: Extract<Background, { kind: 'picture' }>,
  frame: Size,
): [number, number, number, number] {
  const scale = zoom * Math.max(frame.width / width, frame.height / height);
  const across = Math.min(width, Math.max(1, Math.round(frame.width / scale)));
  const down = Math.min(height, Math.max(1, Math.round(frame.height / scale)));
  return [Math.round(focus[0] * (width - across)), Math.round(focus[1] * (height - down)), across, down];
}
