import type { InputVideoTrack } from 'mediabunny';
import type { VideoFrame } from 'node-webcodecs';
import type { Alpha, RgbImage } from '../../contracts';
import { mirror, resizeAlpha, resizeRgb, turn } from '../../image';
import { toRgb } from '../colour';
import { canHalve, halve } from '../halve';
import { deinterlace } from '../interlace';
import {
  type ColourTags,
  type PlanarImage,
  type PlaneLayout,
  byteCount,
  isOpaque,
  samplesOf,
  toBytes,
  usualMatrix,
} from '../planes';
import type { SampleForm } from './layout';

const MATRICES: Record<string, ColourTags['matrix']> = {
  bt709: 'bt709',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  'bt2020-ncl': 'bt2020',
};

/** Makes pictures of decoded frames: sRGB, upright, of one size. */
export class Converter {
  /** A frame's planes: what is made of them is a copy. */
  private planesBuffer = new Uint8Array(0);

  private constructor(
    private readonly tags: ColourTags,
    private readonly isRgb: boolean,
    private readonly form: SampleForm,
    private readonly quarters: number,
    private readonly isMirrored: boolean,
    private readonly size: { width: number; height: number },
  ) {}

  /** @param size of the pictures, upright */
  static async of(
    track: InputVideoTrack,
    form: SampleForm,
    size: { width: number; height: number },
  ): Promise<Converter> {
    const { matrix, transfer, fullRange } = await track.getColorSpace();
    const isHdr = transfer === 'pq' || transfer === 'hlg';
    const usual = usualMatrix(await track.getCodedWidth(), await track.getCodedHeight(), isHdr);
    const tags: ColourTags = {
      matrix: MATRICES[matrix ?? ''] ?? usual,
      fullRange: fullRange ?? false,
      transfer: isHdr ? transfer : 'sdr',
    };
    const quarters = (await track.getRotation()) / 90;
    return new Converter(tags, matrix === 'rgb', form, quarters, await track.getFlip(), size);
  }

  /** @returns planes, valid until the next picture, where nothing but their colours has to be made */
  async picture(
    color: VideoFrame,
    matte: VideoFrame | undefined,
  ): Promise<{ image: RgbImage | PlanarImage; alpha?: Alpha }> {
    const decoded = await this.decoded(color);
    if (!matte && 'bytes' in decoded && this.isAsStored(decoded)) return { image: decoded };
    const image = await this.upright('bytes' in decoded ? this.rgb(decoded) : decoded, resizeRgb);
    if (!matte) return { image };
    const luma = await this.luma(matte);
    if (isOpaque(luma.data)) return { image };
    return { image, alpha: await this.upright(luma, resizeAlpha) };
  }

  private async decoded(frame: VideoFrame): Promise<RgbImage | PlanarImage> {
    const { bytes, layout } = await this.planes(frame);
    if (this.isRgb) return fromGbr(bytes, layout);
    if (this.form.mayInterlace) deinterlace(samplesOf(bytes, layout), layout);
    return { ...layout, bytes, tags: this.tags };
  }

  /** At half of its size where that is enough. */
  private rgb({ bytes, tags, ...layout }: PlanarImage): RgbImage {
    // Light of HDR has to be toned down before it is mixed.
    if (tags.transfer !== 'sdr' || !canHalve(layout, this.storedSize)) return toRgb(bytes, layout, tags);
    const half = halve(bytes, layout);
    return toRgb(half.bytes, half.layout, tags);
  }

  private isAsStored({ width, height }: PlanarImage): boolean {
    const { size, quarters, isMirrored } = this;
    return width === size.width && height === size.height && quarters === 0 && !isMirrored;
  }

  /** The planes as they were decoded, valid until the next ones; what is luma alone gets chroma without a colour. */
  private async planes(frame: VideoFrame): Promise<{ bytes: Uint8Array; layout: PlaneLayout }> {
    const { chroma, depth } = this.form;
    const isGrey = chroma === '400';
    const size = { width: frame.codedWidth, height: frame.codedHeight };
    const layout: PlaneLayout = { ...size, chroma: isGrey ? '420' : chroma, depth };
    if (this.planesBuffer.length !== byteCount(layout)) this.planesBuffer = new Uint8Array(byteCount(layout));
    const bytes = this.planesBuffer;
    // Without a format to convert to: the decoder's own conversion knows 8 bits and no ranges.
    await frame.copyTo(bytes);
    if (isGrey) samplesOf(bytes, layout).fill(2 ** (depth - 1), size.width * size.height);
    return { bytes, layout };
  }

  /** A matte is the luma of a video of its own, whose numbers are taken as they are. */
  private async luma(frame: VideoFrame): Promise<Alpha> {
    const { bytes, layout } = await this.planes(frame);
    const { width, height, depth } = layout;
    return { data: toBytes(samplesOf(bytes, layout).subarray(0, width * height), depth), width, height };
  }

  /** Pixels of the pictures before they are turned upright. */
  private get storedSize(): { width: number; height: number } {
    const { width, height } = this.size;
    return this.quarters % 2 ? { width: height, height: width } : { width, height };
  }

  private async upright<T extends RgbImage | Alpha>(
    picture: T,
    resize: (picture: T, width: number, height: number) => Promise<T>,
  ): Promise<T> {
    const { width, height } = this.storedSize;
    const isSized = picture.width === width && picture.height === height;
    const turned = turn(isSized ? picture : await resize(picture, width, height), this.quarters);
    return this.isMirrored ? mirror(turned) : turned;
  }
}

/** Planes of green, blue and red, side by side. */
function fromGbr(bytes: Uint8Array, layout: PlaneLayout): RgbImage {
  const { width, height, depth } = layout;
  const pixels = width * height;
  const planes = toBytes(samplesOf(bytes, layout), depth);
  const data = new Uint8Array(pixels * 3);
  for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += 3) {
    data[at] = planes[2 * pixels + pixel];
    data[at + 1] = planes[pixel];
    data[at + 2] = planes[pixels + pixel];
  }
  return { data, width, height };
}
