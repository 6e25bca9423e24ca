import type { Background, RgbImage } from '../../../contracts';
import { type SceneSight, type Size, sightOf } from '../../../backdrops';
import { cropTo, fitSide, resizeRgb } from '../../../image';
import type { Reader } from '../reader';
import { paintBackground } from './drawn';
import { noiseOf } from './noise';

/** Pixels of a background's longer side in which its floor is looked for. */
const SEEN = 192;

/** What stands behind a product, of the frame's size. */
export interface Behind extends RgbImage {
  /** How much the picture was enlarged for it; at most 1 where it was not. */
  enlarged: number;
  /** Where its floor begins and which side its light comes from, as far as that can be told. */
  sight: SceneSight;
  /** In levels. */
  noise: number;
}

/** A background of the frame's size, which is kept as such: each is cut out of its picture in a few ways only. */
export function readBackground(background: Background, frame: Size, reader: Reader): Promise<Behind> {
  return reader.kept(`behind ${JSON.stringify([background, frame])}`, async () => {
    if (background.kind === 'drawn') {
      const image = await paintBackground(background, frame);
      const sight = { horizon: background.horizon, light: null };
      return { ...image, enlarged: 1, sight, noise: noiseOf(image) };
    }
    const whole = await reader.background(background, Math.max(frame.width, frame.height));
    const part = partOf(whole, background, frame);
    const image = await resizeRgb(cropTo(whole, part), frame.width, frame.height);
    const small = fitSide(frame, Math.min(SEEN, Math.max(frame.width, frame.height)));
    const sight = await sightOf(await resizeRgb(image, small.width, small.height), frame, [0.5, 0.5]);
    return { ...image, enlarged: frame.width / part[2], sight, noise: noiseOf(image) };
  });
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
