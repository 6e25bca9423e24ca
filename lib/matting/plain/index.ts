import { throwIfAborted, type Alpha, type RgbImage } from '../../contracts';
import { cropTo, rgbToLab } from '../../image';
import { modelBorder } from './border';
import { detectChecker, evenOut } from './checker';
import { insideFrame, putBack } from './frame';
import { assess, requireNoFaces, requirePlainRim } from './gate';
import { refine } from './refine';
import { measureRelief } from './relief';
import { type Segmentation, reconsider, segment } from './segment';
import { reduce, type WorkImage } from './work';

export { reduce, type WorkImage } from './work';

/** What a cut of a plain backdrop shows before its edges are worked out. */
export interface PlainShape {
  /** 255 product, 0 backdrop; smaller than the photo where that is a large one. */
  mask: Alpha;
  /** How sure the cutter is, 0..1: how plain the rim is, and how well the product stands out. Under 0.3 it refuses. */
  confidence: number;
  /** Whether the backdrop is the checkerboard of a fake transparency: nothing else looks like one. */
  checkered: boolean;
  /** Works out the edges: alpha of the photo's full size. */
  cut(): Alpha;
}

/** What stands on a plain backdrop by a first look, which gives shadows the benefit of the doubt. */
export interface PlainDraft {
  /** 255 product, 0 backdrop; smaller than the photo where that is a large one. */
  mask: Alpha;
  /**
   * Checks it.
   * @param isWhole another cutter sees no more of the product, so that there is no need to look whether parts of it went
   *   to the backdrop as shadows
   * @throws VitrineError as `findPlain` does, but for the rim
   */
  check(isWhole: boolean): PlainShape;
}

export interface PlainOptions {
  /** The photo as `reduce` brings it down, where that was done already. */
  work?: WorkImage;
  signal?: AbortSignal;
}

/**
 * Finds what stands on a plain backdrop, without any model: the rim of the picture tells the backdrop's
 * colour, and whatever is neither that colour nor its shadow is product. Gradients, studio sweeps and the
 * checkerboards of fake transparency count as plain, drawn frames and letterbox bars are left out.
 *
 * @throws VitrineError CLUTTERED_BACKGROUND when the rim is not plain, hardly any backdrop is left, or the outline
 *   cannot be trusted
 * @throws VitrineError NO_SUBJECT when there is nothing but backdrop
 * @throws VitrineError CANCELLED or DEADLINE_EXCEEDED when the signal is aborted
 */
export function findPlain(image: RgbImage, options?: PlainOptions): PlainShape {
  return draftPlain(image, options).check(false);
}

/**
 * The first half of `findPlain`, for those who can say more of the product before the second one.
 * @throws VitrineError CLUTTERED_BACKGROUND when the rim is not plain; CANCELLED or DEADLINE_EXCEEDED when the signal is
 *   aborted
 */
export function draftPlain(image: RgbImage, options: PlainOptions = {}): PlainDraft {
  const { work = reduce(image), signal } = options;
  if (signal) throwIfAborted(signal);
  const box = insideFrame(image);
  if (box[2] === image.width && box[3] === image.height) return draftInside(image, work, signal);
  const inside = cropTo(image, box);
  const { cut, ...rest } = draftInside(inside, reduce(inside), signal).check(false);
  const alpha = putBack(cut(), box, image);
  const shape = { ...rest, mask: alpha, cut: () => alpha };
  return { mask: alpha, check: () => shape };
}

/**
 * Cuts out what stands on a plain backdrop. Alpha is 0 on the backdrop and 255 inside the product; along the outline it
 * is unmixed at the photo's own resolution.
 * @throws VitrineError as `findPlain` does
 */
export function cutPlain(image: RgbImage, options?: PlainOptions): { alpha: Alpha; confidence: number } {
  const { cut, confidence } = findPlain(image, options);
  return { alpha: cut(), confidence };
}

function draftInside(image: RgbImage, reduced: WorkImage, signal: AbortSignal | undefined): PlainDraft {
  const { width, height, scale } = reduced;
  const checker = detectChecker(reduced);
  const work = checker ? evenOut(reduced, checker) : reduced;
  const lab = rgbToLab(work.rgb);
  if (signal) throwIfAborted(signal);
  const border = modelBorder(width, height, lab);
  const brush = Math.max(1, Math.round(Math.sqrt(width * height) / 250));
  const relief = measureRelief(lab, border, width, height, 3 * brush);
  requirePlainRim(border, relief);
  if (signal) throwIfAborted(signal);
  const scene = { lab, relief, border, width, height, brush, scale };
  const first = segment(scene);
  const edges = ({ mask, difference }: Segmentation, photo: RgbImage, seen: WorkImage) =>
    refine(photo, seen, mask, difference.total, checker, border.noise, signal);
  return {
    mask: { data: first.mask.map((product) => 255 * product), width, height },
    check(isWhole) {
      const found = reconsider(scene, first, isWhole);
      if (!checker) requireNoFaces(found);
      const confidence = assess(border, relief, found.mask, found.difference.total, width, height);
      return {
        mask: edges(found, { data: work.rgb, width, height }, { ...work, scale: 1 }),
        confidence,
        checkered: checker !== undefined,
        cut: () => edges(found, image, work),
      };
    },
  };
}
