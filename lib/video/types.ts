import type { Alpha, RgbImage, VideoLimits } from '../contracts';
import type { PlanarImage } from './planes';

/** What a file says of its video, before frames are decoded. */
export interface VideoInfo {
  /** Pixels of a frame as it is seen: rotated, and stretched so that its pixels are square. */
  width: number;
  height: number;
  /** Seconds from the first frame to the end of the last one. */
  durationSeconds?: number;
  /** Frames a second, on average. */
  frameRate?: number;
  /** Frames that can be read from the file, which may be fewer than it says it has. */
  frameCount?: number;
  /** Degrees, clockwise, by which the stored frames are turned to be upright. */
  rotation: 0 | 90 | 180 | 270;
  /** As the decoder calls it, such as h264 or vp9. */
  codec: string;
  /** Its light goes beyond that of a screen (PQ, HLG); frames come toned down to sRGB. */
  hdr: boolean;
  /** Its frames are two fields each; they come deinterlaced, one a frame. */
  interlaced: boolean;
  hasAlpha: boolean;
}

export interface DecodedFrame<Image = RgbImage | PlanarImage> {
  /** In the source, from 0, in the order of presentation. */
  index: number;
  /** At which it is shown, from the start of the file. */
  seconds: number;
  /** Upright; `rgbOf` gives its colours. */
  image: Image;
  /** Straight, where the video has one and the frame is not opaque. */
  alpha?: Alpha;
}

export type VideoFrame = DecodedFrame<RgbImage>;

/** Which frames are taken; all of them where nothing is said. */
export interface FrameSelection {
  /** At least 1; more are thinned out evenly, the first and the last one stay. */
  maxFrames: number;
  /** Frames a second, over 0; never more than the video has. Not together with `stride`. */
  fps?: number;
  /** Every how manieth frame, at least 1. */
  stride?: number;
}

export const VIDEO_DECODERS = ['ffmpeg', 'webcodecs'] as const;
export type VideoDecoderName = (typeof VIDEO_DECODERS)[number];

export interface VideoReader {
  readonly info: VideoInfo;
  readonly decoder: VideoDecoderName;
  /**
   * Source indices that a selection takes, in order.
   * @throws VitrineError INVALID_PARAMETER
   */
  select(selection: FrameSelection): Promise<number[]>;
  /**
   * Those frames, in order, one at a time in memory. Frames that cannot be read are left out, which `warnings` tells
   * afterwards. A consumer that stops early ends the decoder.
   * @param indices ascending, from 0
   * @param options `maxSide`: pixels of the longer side, never enlarged
   * @throws VitrineError INVALID_VIDEO where none of them can be read, or the decoder hangs or crashes; CANCELLED
   */
  frames(indices: readonly number[], options: { maxSide?: number }): AsyncIterable<VideoFrame>;
  /**
   * The same, whole, for who needs the colours of a part of each, or makes them in another thread.
   * @throws VitrineError as `frames`
   */
  decoded(indices: readonly number[]): AsyncIterable<DecodedFrame>;
  /** What has to be told of the result, such as "155 of 300 frames could be read"; complete when all frames are. */
  readonly warnings: readonly string[];
}

export interface OpenOptions {
  limits: VideoLimits;
  /** Default: the ffmpeg on PATH. */
  ffmpegPath?: string;
  /** Default: ffmpeg where there is one, otherwise webcodecs. */
  decoder?: VideoDecoderName;
  /** Of the job, for what decoders have to write. */
  folder: string;
  signal: AbortSignal;
}

/** A file and how it is read. */
export interface Source {
  /** Full path. */
  file: string;
  folder: string;
  stallSeconds: number;
  /** Of a frame, at most. */
  maxPixels: number;
  signal: AbortSignal;
}

/** What a decoder found out about a file. */
export interface Probe {
  info: VideoInfo;
  /** Seconds of all frames that seem readable, ascending. */
  times: number[];
  /** Frames that the file says it has, where that is more. */
  announced?: number;
  /** What has to be told of it. */
  notes: string[];
}

/** A file that is understood, whose frames can be decoded. */
export interface OpenedVideo extends Probe {
  /**
   * @param indices ascending
   * @param size pixels of the frames that come; left out: those of the video
   */
  decode(indices: readonly number[], size?: { width: number; height: number }): AsyncIterable<DecodedFrame>;
}
