import { EncodedVideoChunk, VideoDecoder, type VideoFrame } from 'node-webcodecs';
import type { decoderConfig } from './track';

/** A decoded picture; whoever takes it closes it. */
export interface Picture {
  /** Seconds. */
  time: number;
  frame: VideoFrame;
}

/**
 * Decodes packets in the thread of JavaScript. Pictures come in the order of presentation, and the decoder does not say
 * whose they are: each one belongs to the earliest packet that has none yet.
 */
export class StreamDecoder {
  private readonly decoder: VideoDecoder;
  private readonly pending: number[] = [];
  private pictures: Picture[] = [];
  private hasFailed = false;

  constructor(config: NonNullable<Awaited<ReturnType<typeof decoderConfig>>>) {
    this.decoder = new VideoDecoder({
      output: (frame) => this.pictures.push({ time: this.pending.shift() ?? Infinity, frame }),
      error: () => (this.hasFailed = true),
    });
    this.decoder.configure(config);
  }

  /**
   * @param time seconds; undefined for a packet that gives no picture
   * @returns the pictures that are ready by now
   */
  decode(data: Uint8Array, isKey: boolean, time: number | undefined): Picture[] {
    if (time !== undefined) this.expect(time);
    this.hasFailed = false;
    // The decoder forgets the times that it is given.
    this.decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp: 0, data }));
    if (this.hasFailed && time !== undefined) this.forget(time);
    return this.taken();
  }

  /** True while a picture of this time, or of one before it, is still to come. */
  owes(time: number): boolean {
    return this.pending.length > 0 && this.pending[0] <= time;
  }

  /** The pictures that were held back. */
  async flush(): Promise<Picture[]> {
    await this.decoder.flush();
    return this.taken();
  }

  private taken(): Picture[] {
    const { pictures } = this;
    this.pictures = [];
    return pictures;
  }

  private expect(time: number): void {
    const later = this.pending.findIndex((other) => other > time);
    this.pending.splice(later < 0 ? this.pending.length : later, 0, time);
  }

  private forget(time: number): void {
    const at = this.pending.lastIndexOf(time);
    if (at >= 0) this.pending.splice(at, 1);
  }
}
