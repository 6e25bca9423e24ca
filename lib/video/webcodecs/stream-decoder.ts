import { EncodedVideoChunk, VideoDecoder, type VideoFrame } from 'node-webcodecs';
import type { decoderConfig } from './track';

/** A decoded picture; whoever takes it closes it. */
export interface Picture {
  /** Seconds. */
  time: number;
  frame: VideoFrame;
}

type Config = NonNullable<Awaited<ReturnType<typeof decoderConfig>>>;

/** More packets than any decoder works on at once. */
const MOST_AT_ONCE = 64;

/**
 * Decodes packets in the thread of JavaScript. Pictures come in the order of presentation, and the decoder does not say
 * whose they are: each one belongs to the earliest packet that has none yet.
 */
export class StreamDecoder {
  private readonly decoder: VideoDecoder;
  /** Of packets whose pictures are still to come, ascending. */
  private readonly pending: number[] = [];
  /** Of the last packets, in the order of decoding. */
  private readonly sent: (number | undefined)[] = [];
  private errorDelay?: number;
  private pictures: Picture[] = [];
  private hasFailed = false;

  constructor(private readonly config: Config) {
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
    this.sent.unshift(time);
    this.sent.length = Math.min(this.sent.length, MOST_AT_ONCE);
    this.hasFailed = false;
    // The decoder forgets the times that it is given.
    this.decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp: 0, data }));
    if (this.hasFailed) this.forget(this.sent[(this.errorDelay ??= errorDelayOf(this.config))]);
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

  private forget(time: number | undefined): void {
    const at = time === undefined ? -1 : this.pending.lastIndexOf(time);
    if (at >= 0) this.pending.splice(at, 1);
  }
}

/**
 * How many packets later a decoder tells that one could not be decoded: it works on several at once, and how many is its
 * own choice. So it is given nonsense until it complains.
 */
function errorDelayOf(config: Config): number {
  let hasFailed = false;
  const decoder = new VideoDecoder({
    output: (frame) => frame.close(),
    error: () => (hasFailed = true),
  });
  decoder.configure(config);
  const nonsense = new EncodedVideoChunk({ type: 'key', timestamp: 0, data: new Uint8Array(16).fill(0xff) });
  let taken = 0;
  while (taken < MOST_AT_ONCE && !hasFailed) {
    decoder.decode(nonsense);
    taken++;
  }
  decoder.close();
  return hasFailed ? taken - 1 : 0;
}
