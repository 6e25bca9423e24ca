export { openVideo } from './open';
export { checkVideoBytes, checkVideoSize, tooManyBytes } from './problems';
export { VIDEO_DECODERS } from './types';
export type {
  FrameSelection,
  OpenOptions,
  VideoDecoderName,
  VideoFrame,
  VideoInfo,
  VideoReader,
} from './types';
