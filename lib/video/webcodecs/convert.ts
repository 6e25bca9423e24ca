import type { InputVideoTrack } from 'mediabunny';
import type { VideoFrame } from 'node-webcodecs';
import type { Alpha, RgbImage } from '../../contracts';
import { mirror, resizeAlpha, resizeRgb, turn } from '../../image';
import { toRgb } from '../colour';
import { deinterlace } from '../interlace';
import {
  type ColourTags,
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
  private constructor(
    private readonly tags: ColourTags,
    private readonly isRgb: boolean,
    private readonly form: SampleForm | undefined,
    private readonly quarters: number,
    private readonly isMirrored: boolean,
    private readonly size: { width: number; height: number },
  ) {}

  /** @param size of the pictures, upright */
  static async of(
    track: InputVideoTrack,
    form: SampleForm | undefined,
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

  async picture(
    color: VideoFrame,
    matte: VideoFrame | undefined,
  ): Promise<{ image: RgbImage; alpha?: Alpha }> {
    const image = await this.upright(await this.rgb(color), resizeRgb);
    if (!matte) return { image };
    const luma = await this.luma(matte);
    if (isOpaque(luma.data)) return { image };
    return { image, alpha: await this.upright(luma, resizeAlpha) };
  }

  private async rgb(frame: VideoFrame): Promise<RgbImage> {
    const { codedWidth: width, codedHeight: height } = frame;
    if (this.isRgb) {
      const rgba = new Uint8Array(width * height * 4);
      await frame.copyTo(rgba, { format: 'RGBA' });
      return { data: withoutFourth(rgba), width, height };
    }
    const { bytes, layout } = await this.planes(frame);
    if (this.form?.mayInterlace) deinterlace(samplesOf(bytes, layout), layout);
    return toRgb(bytes, layout, this.tags);
  }

  /** The planes as they were decoded; where their form is not known, brought to one that is. */
  private async planes(frame: VideoFrame): Promise<{ bytes: Uint8Array; layout: PlaneLayout }> {
    const size = { width: frame.codedWidth, height: frame.codedHeight };
    if (this.form) {
      const { chroma, depth } = this.form;
      const layout: PlaneLayout = { ...size, chroma, depth };
      const bytes = new Uint8Array(byteCount(layout));
      await frame.copyTo(bytes);
      return { bytes, layout };
    }
    const layout: PlaneLayout = { ...size, chroma: '444', depth: 8 };
    const bytes = new Uint8Array(byteCount(layout));
    await frame.copyTo(bytes, { format: 'I444' });
    return { bytes, layout };
  }

  /** A matte is the luma of a video of its own, whose numbers are taken as they are. */
  private async luma(frame: VideoFrame): Promise<Alpha> {
    const { bytes, layout } = await this.planes(frame);
    const { width, height, depth } = layout;
    return { data: toBytes(samplesOf(bytes, layout).subarray(0, width * height), depth), width, height };
  }

  private async upright<T extends RgbImage | Alpha>(
    picture: T,
    resize: (picture: T, width: number, height: number) => Promise<T>,
  ): Promise<T> {
    const { width, height } = this.size;
    const [across, down] = this.quarters % 2 ? [height, width] : [width, height];
    const isSized = picture.width === across && picture.height === down;
    const turned = turn(isSized ? picture : await resize(picture, across, down), this.quarters);
    return this.isMirrored ? mirror(turned) : turned;
  }
}

function withoutFourth(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return rgb;
}
