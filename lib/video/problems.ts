import { VitrineError, type VideoLimits, tooManyBytes } from '../contracts';

const DAMAGED =
  'The file seems to be damaged or incomplete: download or export it again, as MP4 with H.264 at best.';

/** @param detail what is wrong, as a sentence without its end */
export function broken(detail: string, hint = DAMAGED): VitrineError {
  return new VitrineError({ code: 'INVALID_VIDEO', message: detail, hint });
}

export function unsupported(detail: string): VitrineError {
  const hint =
    'Install ffmpeg, which reads nearly every format (put it on PATH, or set FFMPEG_PATH), or convert the video to MP4 with H.264 first.';
  return new VitrineError({ code: 'UNSUPPORTED_FORMAT', message: detail, hint });
}

/** A decoder gave nothing for too long, and was ended. */
export function stalled(seconds: number): VitrineError {
  return broken(
    `The decoder gave no frame for ${seconds} s, and was ended`,
    'Convert the video to MP4 with H.264 first, or raise VITRINE_DECODE_SECONDS if this machine is slow.',
  );
}

export function noDecoder(): VitrineError {
  return new VitrineError({
    code: 'TOOL_MISSING',
    message: `Nothing here can decode videos: there is no ffmpeg, and the decoder that comes along does not run on this machine (${process.platform} ${process.arch})`,
    hint: 'Install ffmpeg (apt install ffmpeg, apk add ffmpeg, brew install ffmpeg, winget install ffmpeg) and start again, or set FFMPEG_PATH to where it is.',
  });
}

/** @throws VitrineError TOO_LARGE */
export function checkVideoBytes(bytes: number, { maxBytes }: VideoLimits): void {
  if (bytes > maxBytes) throw tooManyBytes('video', maxBytes);
}

/** @throws VitrineError TOO_LARGE for more pixels, or more seconds, than allowed */
export function checkVideoSize(
  { width, height, durationSeconds = 0 }: { width: number; height: number; durationSeconds?: number },
  { maxPixels, maxSeconds }: VideoLimits,
): void {
  if (width * height > maxPixels) throw tooManyPixels(width, height, maxPixels);
  if (durationSeconds > maxSeconds) {
    throw tooLarge(
      `The video plays for ${Math.round(durationSeconds)} s, over the limit of ${maxSeconds} s`,
      'Cut it, or raise VITRINE_MAX_VIDEO_SECONDS.',
    );
  }
}

export function tooManyPixels(width: number, height: number, maxPixels: number): VitrineError {
  return tooLarge(
    `The video is ${width} x ${height} pixels large, over the limit of ${maxPixels / 1e6} megapixels`,
    'Scale it down, or raise VITRINE_MAX_MEGAPIXELS.',
  );
}

function tooLarge(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'TOO_LARGE', message, hint });
}
