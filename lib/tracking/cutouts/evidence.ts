import type { Alpha, RgbImage } from '../../contracts';
import { boxBlur } from '../../image';
import { type Colours, colourAt } from './appearance';

/** How far around the object's last outline a network alone says where the object ends, in shares of the longer side. */
const REACH = 0.03;
/** Means of the expected matte around a pixel that lies beyond the object, and within it, 0..255. */
const [BEYOND, WITHIN] = [5, 250];
/** How far around a pixel colours count for it too, in shares of the longer side. */
const AROUND = 0.006;
/** What a colour that was never seen counts for. */
const UNSEEN = 0.005;
/** How many times likelier a colour has to be the object's than its surroundings' for what a network has lost to stay. */
const KEPT = 2;

/**
 * A network's matte where the colours agree with it. What lies beyond the object's last place is only taken for the object
 * where it has the object's colours rather than those of its surroundings: a thing that it passes does not become a part
 * of it. What lies well within its last place stays where it has the object's colours.
 * @param matte of the picture's size, as is `prior`
 * @param prior where the object is expected
 */
export function judge(matte: Alpha, picture: RgbImage, prior: Alpha, colours: Colours): Alpha {
  const { width, height } = matte;
  const pixels = (share: number) => Math.max(1, Math.round(share * Math.max(width, height)));
  const likelihoods = likelihoodsOf(colours);
  const likelihood = new Float32Array(width * height);
  const expected = new Uint8Array(width * height);
  for (let pixel = 0; pixel < expected.length; pixel++) {
    likelihood[pixel] = likelihoods[colourAt(picture.data, pixel)];
    expected[pixel] = prior.data[pixel] > 127 ? 255 : 0;
  }
  const near = boxBlur(expected, width, height, pixels(REACH));
  const around = boxBlur(likelihood, width, height, pixels(AROUND));
  const data = matte.data.slice();
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (near[pixel] < BEYOND) data[pixel] *= share(around[pixel] + 0.5);
    else if (near[pixel] > WITHIN)
      data[pixel] = Math.max(data[pixel], 255 * share(around[pixel] - Math.log(KEPT)));
  }
  return { data, width, height };
}

/** For each colour the logarithm of how many times likelier it is the object's. */
function likelihoodsOf({ object, ground }: Colours): Float32Array {
  return object.map((count, colour) => Math.log((count + UNSEEN) / (ground[colour] + UNSEEN)));
}

function share(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
