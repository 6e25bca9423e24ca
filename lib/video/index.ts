export { openVideo } from './open';
export { checkVideoBytes, checkVideoSize } from './problems';
export { VIDEO_DECODERS } from './types';
export { rgbOf } from './part';
export type {
  DecodedFrame,
  FrameSelection,
  OpenOptions,
  VideoDecoderName,
  VideoFrame,
  VideoInfo,
  VideoReader,
} from './types';
export { PREVIEW_FORMATS, writePreview } from './preview';
export type { PreviewFormat, PreviewOptions, RgbaFrame } from './preview';
