import { availableParallelism } from 'node:os';
import { type SegmentParams, Thread, builtFile } from '../../contracts';
import type { DecodedFrame } from '../../video';
import type { Chosen } from './choose';
import type { FramePicture } from './picture';

/** Pictures that are drawn at once; with more, decoding is what all of them wait for. */
const MOST = 4;
/** And pixels of their frames, unless it is a single one. */
const MOST_PIXELS = 32e6;

/** How the pictures of a clip are drawn, as `framePicture` takes it. */
export interface Look {
  ratio: number;
  params: Pick<SegmentParams, 'size' | 'background' | 'bgcolor'>;
}

/** A frame of the video, and what was found in it. */
export interface FoundFrame {
  frame: DecodedFrame;
  chosen: Chosen;
}

/** What a thread is asked to draw. */
export type PictureTask = Look & Pick<Chosen, 'mask' | 'crop'> & { frame: DecodedFrame };

/** Threads that draw the pictures of frames. */
export class PictureThreads {
  private readonly threads: readonly Thread[];
  private asked = 0;

  /**
   * @param clip how many frames there are to draw, and how many pixels each of them has
   * @param cores that may be used; 0: those of this machine
   */
  constructor(
    private readonly look: Look,
    { frames, pixels }: { frames: number; pixels: number },
    cores: number,
  ) {
    const fitting = Math.max(1, Math.floor(MOST_PIXELS / pixels));
    const count = Math.min(MOST, fitting, frames, cores || availableParallelism());
    const file = builtFile('lib/pipelines/segment/picture-thread.js');
    this.threads = Array.from({ length: count }, () => new Thread(file, 'drawing'));
  }

  /**
   * The pictures of frames in their order, drawn while further frames are read.
   * @param frames their pixels move to the threads: their buffers are empty afterwards
   * @throws VitrineError what `frames` and `framePicture` throw
   */
  async *draw(frames: AsyncIterable<FoundFrame>): AsyncGenerator<FoundFrame & { picture: FramePicture }> {
    const drawing: { found: FoundFrame; picture: Promise<FramePicture> }[] = [];
    const first = async () => {
      const { found, picture } = drawing[0];
      const drawn = { ...found, picture: await picture };
      drawing.shift();
      return drawn;
    };
    try {
      for await (const found of frames) {
        const picture = this.ask(found);
        // What goes wrong is thrown where it is waited for.
        picture.catch(() => undefined);
        drawing.push({ found, picture });
        // One more than there are threads, so that none of them waits for the next frame.
        if (drawing.length > this.threads.length) yield await first();
      }
      while (drawing.length) yield await first();
    } finally {
      await Promise.allSettled(drawing.map(({ picture }) => picture));
    }
  }

  /** Ends the threads, which must have nothing left to draw. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  private async ask({ frame, chosen: { mask, crop } }: FoundFrame): Promise<FramePicture> {
    const thread = this.threads[this.asked++ % this.threads.length];
    const { image, alpha } = frame;
    const arrays = ['data' in image ? image.data : image.bytes, ...(alpha ? [alpha.data] : [])];
    const task: PictureTask = { ...this.look, mask, crop, frame };
    return (await thread.ask(
      task,
      arrays.filter(isAlone).map(({ buffer }) => buffer as ArrayBuffer),
    )) as FramePicture;
  }
}

/** Whether nothing else lies in an array's buffer, so that it may move. */
function isAlone({ buffer, byteLength }: Uint8Array): boolean {
  return buffer.byteLength === byteLength;
}
