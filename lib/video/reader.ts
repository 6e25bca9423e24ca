import { rgbOf } from './part';
import { broken } from './problems';
import { selectFrames } from './select';
import { fitSide } from '../image';
import type {
  DecodedFrame,
  FrameSelection,
  OpenedVideo,
  VideoDecoderName,
  VideoFrame,
  VideoReader,
} from './types';

/** A video that is open; each pass over its frames is a decoder of its own. */
export class Reader implements VideoReader {
  /** How many of the frames could be read, where not all. */
  private damage?: string;

  constructor(
    readonly decoder: VideoDecoderName,
    private readonly video: OpenedVideo,
  ) {
    this.told(video.times.length);
  }

  get info() {
    return this.video.info;
  }

  get warnings(): readonly string[] {
    return [...this.video.notes, ...(this.damage ? [this.damage] : [])];
  }

  async select(selection: FrameSelection): Promise<number[]> {
    return selectFrames(this.video.times, selection);
  }

  async *frames(indices: readonly number[], { maxSide }: { maxSide?: number }): AsyncGenerator<VideoFrame> {
    const { width, height } = this.info;
    const side = maxSide && Math.min(maxSide, Math.max(width, height));
    const size = side ? fitSide({ width, height }, side) : undefined;
    for await (const frame of this.decode(indices, size)) yield { ...frame, image: rgbOf(frame.image) };
  }

  decoded(indices: readonly number[]): AsyncGenerator<DecodedFrame> {
    return this.decode(indices);
  }

  private async *decode(
    indices: readonly number[],
    size?: { width: number; height: number },
  ): AsyncGenerator<DecodedFrame> {
    if (!indices.length) return;
    let count = 0;
    for await (const frame of this.video.decode(indices, size)) {
      count++;
      yield frame;
    }
    if (count === 0) throw broken(`None of the video's ${this.total} frames could be read`);
    this.told(this.video.times.length - (indices.length - count));
  }

  private get total(): number {
    return Math.max(this.video.announced ?? 0, this.video.times.length);
  }

  private told(readable: number): void {
    if (readable < this.total)
      this.damage = `${readable} of ${this.total} frames could be read: the file is damaged or incomplete`;
  }
}
