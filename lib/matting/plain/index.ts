import { throwIfAborted, type Alpha, type RgbImage } from '../../contracts';
import { cropTo, rgbToLab } from '../../image';
import { modelBorder } from './border';
import { detectChecker, evenOut } from './checker';
import { insideFrame, putBack } from './frame';
import { assess, requireNoFaces, requirePlainRim } from './gate';
import { refine } from './refine';
import { measureRelief } from './relief';
import { segment } from './segment';
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
export function findPlain(image: RgbImage, options: PlainOptions = {}): PlainShape {
  const { work = reduce(image), signal } = options;
  if (signal) throwIfAborted(signal);
  const box = insideFrame(image);
  if (box[2] === image.width && box[3] === image.height) return findInside(image, work, signal);
  const inside = cropTo(image, box);
  const { cut, ...rest } = findInside(inside, reduce(inside), signal);
  const alpha = putBack(cut(), box, image);
  return { ...rest, mask: alpha, cut: () => alpha };
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

function findInside(image: RgbImage, reduced: WorkImage, signal: AbortSignal | undefined): PlainShape {
  const { width, height } = reduced;
  const checker = detectChecker(reduced);
  const work = checker ? evenOut(reduced, checker) : reduced;
  const lab = rgbToLab(work.rgb);
  if (signal) throwIfAborted(signal);
  const border = modelBorder(width, height, lab);
  const brush = Math.max(1, Math.round(Math.sqrt(width * height) / 250));
  const relief = measureRelief(lab, border, width, height, 3 * brush);
  requirePlainRim(border, relief);
  if (signal) throwIfAborted(signal);
  const segmentation = segment(lab, relief, border, width, height, brush, work.scale);
  if (!checker) requireNoFaces(segmentation);
  const { mask, difference } = segmentation;
  const confidence = assess(border, relief, mask, difference.total, width, height);
  if (signal) throwIfAborted(signal);
  const edges = (photo: RgbImage, seen: WorkImage) =>
    refine(photo, seen, mask, difference.total, checker, border.noise, signal);
  return {
    mask: edges({ data: work.rgb, width, height }, { ...work, scale: 1 }),
    confidence,
    checkered: checker !== undefined,
    cut: () => edges(image, work),
  };
}
