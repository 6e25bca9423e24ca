import {
  type Alpha,
  type Border,
  type BoundingBox,
  type ImageLimits,
  type PictureFiles,
  type PictureName,
  type RgbImage,
  type Source,
  VitrineError,
} from '../../contracts';
import {
  boundingBox,
  cropTo,
  decodeImage,
  fitSide,
  flatten,
  interleave,
  resizeAlpha,
  resizeRgb,
  resizeRgba,
  type RgbaImage,
} from '../../image';
import { type Samples, sampleProduct } from '../../backdrops';
import { findBars } from './borders';
import { noiseOf } from './compose/noise';
import type { Kept } from './kept';

/** A product on its own, cut to its box, as large as a frame shows it at most. */
export interface CutProduct extends RgbaImage {
  /** Some of its colours. */
  samples: Samples;
  /** How noisy it is, in levels. */
  noise: number;
}

interface Size {
  width: number;
  height: number;
}

/** A cutout at the size at which it is shown. */
export interface Sized {
  /** Red, green, blue, alpha. */
  data: Uint8Array;
  alpha: Alpha;
}

interface ReaderOptions {
  files: PictureFiles;
  limits: ImageLimits;
  signal: AbortSignal;
  kept: Kept;
}

/** Pixels of a product that its match with a scene is decided by. */
const SAMPLES = 600;
/** How much larger than the frame a background is kept: as far as pictures look closer at it. */
const CLOSER = 1.6;
const WHITE: [number, number, number] = [255, 255, 255];

/** Reads what pictures are made of, in the sizes that they need. */
export class Reader {
  constructor(private readonly options: ReaderOptions) {}

  /** What `make` gives, made once as long as there is room for it. */
  kept<T extends { data: Uint8Array }>(key: string, make: () => Promise<T>): Promise<T> {
    return this.options.kept.use(key, make, ({ data }) => data.length);
  }

  /** A photo of a product, of the frame's size, on white where it is transparent. */
  photo(source: Source, frame: Size): Promise<RgbImage> {
    const key = `photo ${source.sha256} ${frame.width} ${frame.height}`;
    const make = async () => {
      const { rgb, alpha } = await this.decode('originals', source);
      const opaque = used(alpha ? flatten(rgb, alpha, WHITE) : rgb, source.border);
      return resizeRgb(opaque, frame.width, frame.height);
    };
    return this.kept(key, make);
  }

  /** Where the product is in its photo, of the frame's size. */
  matte(source: Source, frame: Size): Promise<Alpha> {
    const key = `matte ${source.sha256} ${frame.width} ${frame.height}`;
    const make = async () => {
      const { rgb, alpha } = await this.decode('cutouts', source);
      return resizeAlpha(alpha ?? opaque(rgb), frame.width, frame.height);
    };
    return this.kept(key, make);
  }

  /** @param side pixels of its longer side at most */
  cutout(picture: PictureName, side: number): Promise<CutProduct> {
    const make = async () => {
      const { rgb, alpha = opaque(rgb) } = await this.decode('cutouts', picture);
      const box = boundingBox(alpha, 0);
      if (!box) throw emptyCutout(picture);
      const part = { image: cropTo(rgb, box), alpha: cropTo(alpha, box) };
      const samples = some(sampleProduct(part.image, part.alpha));
      const { width, height } = fitSide(part.image, Math.min(side, Math.max(box[2], box[3])));
      const whole = { width: box[2], height: box[3], data: interleave(part.image, part.alpha) };
      const rgba = width < box[2] ? await resizeRgba(whole, width, height) : whole;
      return { ...rgba, samples, noise: noiseOf(rgba) };
    };
    return this.kept(`cutout ${picture.sha256} ${side}`, make);
  }

  /** A cutout at a size of its own. */
  sized(picture: PictureName, cut: CutProduct, { width, height }: Size, blunt: number): Promise<Sized> {
    const make = async () => {
      const less = (length: number) => Math.max(1, Math.round(length / blunt));
      const seen = blunt > 1 ? await resizeRgba(cut, less(width), less(height)) : cut;
      const { data } = await resizeRgba(seen, width, height);
      const alpha = new Uint8Array(width * height);
      for (let at = 0; at < alpha.length; at++) alpha[at] = data[4 * at + 3];
      return { data, alpha: { data: alpha, width, height } };
    };
    return this.kept(`sized ${picture.sha256} ${width} ${height} ${blunt}`, make);
  }

  /** A background, no larger than pictures with a longer side of `side` pixels need it. */
  background(picture: PictureName, side: number): Promise<RgbImage> {
    const make = async () => {
      const { rgb, alpha } = await this.decode('backgrounds', picture);
      const opaque = alpha ? flatten(rgb, alpha, WHITE) : rgb;
      const whole = used(opaque, findBars(opaque));
      const scale = (CLOSER * side) / Math.min(whole.width, whole.height);
      if (scale >= 1) return whole;
      const { width, height } = fitSide(whole, scale * Math.max(whole.width, whole.height));
      return resizeRgb(whole, width, height);
    };
    return this.kept(`background ${picture.sha256} ${side}`, make);
  }

  private async decode(
    kind: keyof PictureFiles,
    { name, sha256 }: PictureName,
  ): Promise<{ rgb: RgbImage; alpha?: Alpha }> {
    const { files, limits, signal } = this.options;
    const file = files[kind][sha256];
    if (file === undefined) throw missing(kind, name);
    return decodeImage(file, { limits, signal });
  }
}

/** The part of a picture without the border that was found on it. */
export function used<T extends RgbImage | Alpha>(image: T, border: Border | null): T {
  return border ? cropTo(image, border.keep as BoundingBox) : image;
}

/** Fewer samples, evenly taken. */
function some(samples: Samples): Samples {
  const every = Math.max(1, Math.floor(samples.length / 3 / SAMPLES));
  return samples.filter((_, at) => Math.floor(at / 3) % every === 0);
}

function opaque({ width, height }: Size): Alpha {
  return { data: new Uint8Array(width * height).fill(255), width, height };
}

const KINDS: Record<keyof PictureFiles, string> = {
  originals: 'picture',
  cutouts: 'cutout',
  backgrounds: 'background',
};

function missing(kind: keyof PictureFiles, name: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `There is no ${KINDS[kind]} here whose content is that of ${name}`,
    hint: 'Bring the file back as it was when the record was written.',
  });
}

function emptyCutout({ name }: PictureName): VitrineError {
  return new VitrineError({
    code: 'NO_SUBJECT',
    message: `The cutout of ${name} is empty`,
    hint: 'Leave this source out, or cut it with another model.',
  });
}
