import { join } from 'node:path';
import { type ImageLimits, type RgbImage, VitrineError, throwIfAborted } from '../../../contracts';
import { type DecodedImage, decodeImage, overlay, thumbnail } from '../../../image';
import { checkerboard } from '../../contact-sheet';
import type { PictureFigures } from './figures';
import { TARGET_NAMES, percent } from './charts';
import type { Shown } from './gather';
import { type Markup, markup } from './markup';

/** Pixels of a thumbnail's longer side. */
const SIDE = 176;

/** Small pictures that stand inside of the page, each read once. */
export class Thumbnails {
  private readonly made = new Map<string, string | null>();

  /** @param dataset the folder that pictures are named below */
  constructor(
    private readonly dataset: string,
    private readonly limits: ImageLimits,
    private readonly signal: AbortSignal,
  ) {}

  /** Reads a picture; one that cannot be read has a blank in its place. */
  async add(shown: Shown): Promise<void> {
    const { signal, made } = this;
    if (made.has(shown.file)) return;
    throwIfAborted(signal);
    made.set(shown.file, await this.read(shown));
  }

  private async read(shown: Shown): Promise<string | null> {
    const { limits, signal } = this;
    const file = join(this.dataset, shown.file);
    try {
      // Ours are read small from the start; what people put there is decoded with all care.
      const picture = 'pipeline' in shown ? file : opaque(await decodeImage(file, { limits, signal }));
      return `data:image/webp;base64,${(await thumbnail(picture, SIDE)).toString('base64')}`;
    } catch (error) {
      // The picture may have been changed or removed since; the report tells of all the others.
      if (error instanceof VitrineError && !signal.aborted) return null;
      throw error;
    }
  }

  /** A picture with its name, and what is known of it. */
  figure(shown: Shown, caption = nameOf(shown.file)): Markup {
    const { file } = shown;
    const [kind, told] = 'pipeline' in shown ? [`${shown.target}-made`, toldOf(shown)] : ['original', []];
    const source = this.made.get(file);
    const picture = source
      ? markup`<img src="${source}" alt="${nameOf(file)}" loading="lazy">`
      : markup`<span class="soft">not read</span>`;
    return markup`<figure class="${kind}" title="${[file, ...told].join('\n')}"><div>${picture}</div><figcaption>${caption}</figcaption></figure>`;
  }
}

function toldOf({ target, pipeline, background, visible, source }: PictureFigures): string[] {
  return [
    `${TARGET_NAMES[target]}, ${pipeline}, of ${nameOf(source)}`,
    ...(background === null ? [] : [`background: ${background}`]),
    `visible: ${percent(visible)}`,
  ];
}

function opaque({ rgb, alpha }: DecodedImage): RgbImage {
  const square = (8 * Math.max(rgb.width, rgb.height)) / SIDE;
  return alpha ? overlay(rgb, alpha, checkerboard(rgb.width, rgb.height, square)) : rgb;
}

/** The last part of a picture's name, without the class that it stands below. */
export function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
