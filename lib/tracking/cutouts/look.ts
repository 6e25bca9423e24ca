import type { Alpha, BoundingBox, RgbImage } from '../../contracts';
import { boxBlur } from '../../image';
import { sharedArena } from '../../kernels';
import type { MatteNetwork } from '../../models';

/** How far what lies away from where the object was is faded to a mean colour, 0..1. */
const FADE = 0.5;
/** How far around the object's last place nothing is faded, in shares of the window's longer side. */
const REACH = 0.07;

/**
 * What a network sees of a part of a frame.
 * @param prior where the object is expected, as a matte of that part: other things are faded, so that they do not draw
 *   the network's attention
 * @returns the network's own matte of that part, of the network's size
 */
export async function look(
  network: MatteNetwork,
  frame: RgbImage,
  window: BoundingBox,
  prior?: Alpha,
): Promise<{ alpha: Alpha; seen: RgbImage }> {
  const seen = await network.resize(frame, window);
  const fed = prior ? fade(seen, prior) : seen;
  const { [network.output]: answer } = await network.session.run(network.feeds(fed), [network.output]);
  return { alpha: network.matte(answer), seen };
}

/** A picture whose surroundings of the object are paler. */
function fade(image: RgbImage, prior: Alpha): RgbImage {
  const { data, width, height } = image;
  const near = nearness(prior, image);
  const arena = sharedArena();
  return arena.scope(() => {
    const [from, to] = [arena.put(data), arena.take(data.length)];
    arena.kernels.fade(from, arena.put(near), near.length, FADE, to);
    return { data: arena.bytes(to, data.length).slice(), width, height };
  });
}

/** 1 where the object is expected and around it, falling to 0 away from it. */
function nearness(prior: Alpha, { width, height }: RgbImage): Float32Array {
  const object = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * prior.height) / height) * prior.width;
    for (let x = 0; x < width; x++, i++)
      object[i] = prior.data[row + ((((x + 0.5) * prior.width) / width) | 0)] > 127 ? 1 : 0;
  }
  const reach = Math.max(2, Math.round(REACH * Math.max(width, height)));
  const wide = boxBlur(boxBlur(object, width, height, reach), width, height, Math.max(1, reach >> 1));
  for (let i = 0; i < wide.length; i++) wide[i] = wide[i] < 0.25 ? wide[i] * 4 : 1;
  return wide;
}
