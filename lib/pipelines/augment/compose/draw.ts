import {
  type Background,
  type Composition,
  type Other,
  type PictureRequest,
  type Source,
  BLENDS,
} from '../../../contracts';
import { Random, seedOf } from '../../../augmentation';
import type { Stock } from '../types';
import { drawnBackground } from './drawn';

/** What a pipeline's pictures are composed with: `heavy` goes further. */
interface Ranges {
  /** Share of the room in the frame that a product fills, drawn so that halving it is as likely everywhere. */
  scale: [number, number];
  /** How likely things of other classes are behind the product, and before it. */
  behind: number;
  before: number;
}
const GENTLE: Ranges = { scale: [0.4, 0.95], behind: 0.3, before: 0.08 };
const BOLD: Ranges = { scale: [0.28, 0.98], behind: 0.5, before: 0.25 };

/** Backdrops that a data set's pictures are drawn on, so that a worker need not draw each anew. */
const BACKDROPS = 48;
/** Ways in which a picture is cut to the frame, for the same reason. */
const CROPS = 4;
/** Sizes of a product, for the same reason. */
const SIZES = 10;
/** How much of the scene's light a product takes on. */
const MATCH: [number, number] = [0.1, 0.5];

/** Decides how a product is put into a scene. */
export function drawComposition(request: PictureRequest, stock: Stock, seed: number): Composition {
  const ranges = request.pipeline === 'heavy' ? BOLD : GENTLE;
  const random = (part: string) => new Random(seedOf(part, seed));
  const [place, light, edge] = [random('place'), random('light'), random('edge')];
  const product = {
    scale: logarithmic(place, ranges.scale),
    x: place.uniform(0.05, 0.95),
    baseline: place.uniform(0.74, 0.95),
  };
  const others = stock.distractors.filter(({ upc, cut }) => upc !== request.upc && cut !== null);
  return {
    background: backgroundOf(request, stock, random('background')),
    product,
    light: {
      azimuth: light.uniform(-65, 65),
      elevation: light.uniform(34, 68),
      softness: light.uniform(0.35, 1),
      shadow: light.uniform(0.2, 0.5),
      contact: light.uniform(0.45, 0.75),
    },
    blend: { mode: edge.pick(BLENDS), softness: edge.uniform(0.6, 1.8) },
    match: edge.uniform(...MATCH),
    seed: seedOf('noise', seed) % 2 ** 32,
    behind: request.distractors ? behind(random('behind'), ranges, others, product) : [],
    before: request.occluders ? before(random('before'), ranges, others, product) : [],
  };
}

function backgroundOf({ seed }: PictureRequest, { backgrounds }: Stock, random: Random): Background {
  if (!backgrounds.length) return drawnBackground(seed, random.whole(0, BACKDROPS - 1));
  const { name, sha256 } = random.pick(backgrounds);
  const crop = new Random(seedOf('crop', sha256, random.whole(0, CROPS - 1)));
  const focus: [number, number] = [crop.uniform(), crop.uniform()];
  return { kind: 'picture', name, sha256, focus, zoom: crop.uniform(1, 1.5) };
}

type Product = Composition['product'];

/** Things that stand further back. */
function behind(random: Random, ranges: Ranges, others: Source[], product: Product): Other[] {
  if (!others.length || random.uniform() >= ranges.behind) return [];
  return Array.from({ length: random.whole(1, 2) }, () => ({
    ...nameOf(random.pick(others)),
    scale: Math.min(1, product.scale * random.uniform(0.55, 1)),
    x: random.uniform(),
    baseline: product.baseline - random.uniform(0.03, 0.1),
  })).sort((a, b) => a.baseline - b.baseline);
}

/** Something that stands nearer and hides a part of the product, at its side. */
function before(random: Random, ranges: Ranges, others: Source[], product: Product): Other[] {
  if (!others.length || random.uniform() >= ranges.before) return [];
  const aside = random.uniform(0.22, 0.45) * (random.uniform() < 0.5 ? -1 : 1);
  return [
    {
      ...nameOf(random.pick(others)),
      scale: Math.min(1, product.scale * random.uniform(0.45, 0.8)),
      x: Math.min(1, Math.max(0, product.x + aside)),
      baseline: Math.min(0.99, product.baseline + random.uniform(0.02, 0.08)),
    },
  ];
}

function nameOf({ name, sha256, upc }: Source): Pick<Other, 'name' | 'sha256' | 'upc'> {
  return { name, sha256, upc };
}

function logarithmic(random: Random, [low, high]: [number, number]): number {
  return low * (high / low) ** (random.whole(0, SIZES - 1) / (SIZES - 1));
}
