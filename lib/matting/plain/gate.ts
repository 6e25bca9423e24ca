import { VitrineError } from '../../contracts';
import type { BorderModel } from './border';
import { measureShape, outlineContrast, raggedness } from './outline';
import type { Relief } from './relief';
import type { Segmentation } from './segment';

/** Least share of the rim that must be backdrop; the rest may be a product that leaves the picture. */
const MIN_RIM_SHARE = 0.6;
/** How much more of it must be for each unit of roughness above that of clean paper. */
const SHARE_PER_ROUGHNESS = 0.5;
const CLEAN_ROUGHNESS = 0.15;
const MAX_ROUGHNESS = 0.8;
/** A side with less backdrop than this is taken up by something; only one may be, and the others must be bare. */
const MIN_SIDE_SHARE = 0.25;
const BARE_SIDE_SHARE = 0.8;
/** Largest share of the picture that is still a product on a backdrop. */
const MAX_COVERAGE = 0.93;
/** A faint outline (Lab) must be an even one, or it was found in the wrong place. */
const FAINT_CONTRAST = 10;
const MAX_FAINT_RAGGEDNESS = 7.5;
/** Outline contrast (Lab) of a sure and of a doubtful cut. */
const SURE_CONTRAST = 25;
const WEAKEST_CONTRAST = 3;
/** Confidence under which a cut is refused. */
const LEAST_CONFIDENCE = 0.3;
/** Most of the product, as a share of it, that went to the backdrop as its shade and may be a face of the product. */
const MOST_FACES = 0.035;

/** @throws VitrineError CLUTTERED_BACKGROUND unless the rim is plain */
export function requirePlainRim({ share, sides }: BorderModel, { roughness }: Relief): void {
  if (roughness > MAX_ROUGHNESS) {
    throw cluttered(
      `the picture's rim has a texture of ${roughness.toFixed(1)} lightness units, and at most ${MAX_ROUGHNESS} can be told from a product`,
    );
  }
  const needed = MIN_RIM_SHARE + SHARE_PER_ROUGHNESS * Math.max(0, roughness - CLEAN_ROUGHNESS);
  if (share < needed) {
    throw cluttered(
      `only ${percent(share)} of the picture's rim has one smooth colour, and at least ${percent(needed)} must`,
    );
  }
  const taken = sides.filter((side) => side < MIN_SIDE_SHARE).length;
  if (taken > 1 || (taken === 1 && sides.filter((side) => side < BARE_SIDE_SHARE).length > 1)) {
    throw cluttered(
      `along the picture's sides ${sides.map(percent).join(', ')} (top, right, bottom, left) is backdrop, and a product may take up one side only`,
    );
  }
}

/** @throws VitrineError CLUTTERED_BACKGROUND when too much may be either the product's shade or a face of it */
export function requireNoFaces({ faces }: Segmentation): void {
  if (faces <= MOST_FACES) return;
  throw cluttered(
    `beside the product lies ${percent(faces)} of its size that is shaded like a shadow and ends in a step like a face of it, and at most ${(100 * MOST_FACES).toFixed(1)} % may`,
  );
}

/**
 * Looks at the outcome once more.
 * @param mask 1 product, 0 backdrop
 * @param total Lab distance to the backdrop
 * @returns how sure the cut is, 0..1
 * @throws VitrineError NO_SUBJECT when the mask is empty
 * @throws VitrineError CLUTTERED_BACKGROUND when it leaves hardly any backdrop, or the outline is too faint
 */
export function assess(
  border: BorderModel,
  relief: Relief,
  mask: Uint8Array,
  total: Float32Array,
  width: number,
  height: number,
): number {
  let area = 0;
  for (const value of mask) area += value;
  if (area === 0) throw empty();
  if (area > MAX_COVERAGE * mask.length) {
    throw cluttered(
      `${percent(area / mask.length)} of the picture differs from its rim, and a product may cover at most ${percent(MAX_COVERAGE)}`,
    );
  }
  const contrast = outlineContrast(mask, total, width, height);
  const ragged = raggedness(measureShape(mask, width, height));
  if (contrast < FAINT_CONTRAST && ragged > MAX_FAINT_RAGGEDNESS) {
    throw cluttered(
      `product and backdrop differ by ${contrast} Lab units along a ragged outline, and such a one is trusted from ${FAINT_CONTRAST}`,
    );
  }
  const sureOutline = Math.min(
    1,
    Math.max(0, (contrast - WEAKEST_CONTRAST) / (SURE_CONTRAST - WEAKEST_CONTRAST)),
  );
  const sureRim = Math.min(1, (border.share - 0.4) / 0.5);
  const sureTexture = 1 - 0.5 * (relief.roughness / MAX_ROUGHNESS);
  const confidence = sureRim * sureTexture * (0.3 + 0.7 * sureOutline);
  if (confidence < LEAST_CONFIDENCE) {
    throw cluttered(
      `product and backdrop differ by ${contrast} Lab units along the outline, too few to be sure of it`,
    );
  }
  return confidence;
}

function cluttered(measured: string): VitrineError {
  return new VitrineError({
    code: 'CLUTTERED_BACKGROUND',
    message: `The backdrop is not plain: ${measured}`,
    hint: 'Choose another model such as birefnet-lite, or photograph the product on a plain backdrop with some room around it.',
  });
}

function empty(): VitrineError {
  return new VitrineError({
    code: 'NO_SUBJECT',
    message: 'The picture shows nothing but backdrop',
    hint: 'Check that it is the right picture; a product of nearly the colour of its backdrop needs another model such as birefnet-lite.',
  });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
