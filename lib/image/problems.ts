import { VitrineError, type ErrorCode, type ImageLimits } from '../contracts';

/** @param detail what is wrong, as a sentence without its end */
export function broken(detail: string, cause?: unknown): VitrineError {
  return failure(
    'INVALID_IMAGE',
    detail,
    'The file seems to be damaged or incomplete: download or export it again.',
    cause,
  );
}

export function failure(code: ErrorCode, message: string, hint: string, cause?: unknown): VitrineError {
  return new VitrineError({ code, message, hint }, { cause });
}

/** @throws VitrineError TOO_LARGE */
export function checkBytes(bytes: number, { maxBytes }: ImageLimits): void {
  if (bytes <= maxBytes) return;
  const megabytes = (value: number) => (value / 1024 / 1024).toFixed(1);
  throw failure(
    'TOO_LARGE',
    `The file has ${megabytes(bytes)} MB, over the limit of ${megabytes(maxBytes)} MB`,
    'Send a smaller file, or raise VITRINE_MAX_IMAGE_MB.',
  );
}

/**
 * Checks what a header announces, before anything is decoded.
 * @throws VitrineError TOO_LARGE, INVALID_IMAGE
 */
export function checkSize(width: number, height: number, { maxPixels, maxSide }: ImageLimits): void {
  if (!(width >= 1 && height >= 1))
    throw broken(`The picture says that it is ${width} x ${height} pixels large`);
  const size = `The picture is ${width} x ${height} pixels`;
  if (Math.max(width, height) > maxSide) {
    throw failure(
      'TOO_LARGE',
      `${size}, over the limit of ${maxSide} a side`,
      `Scale it down to ${maxSide} pixels a side.`,
    );
  }
  if (width * height > maxPixels) {
    const megapixels = (pixels: number) => Number((pixels / 1e6).toFixed(2));
    throw failure(
      'TOO_LARGE',
      `${size} (${megapixels(width * height)} megapixels), over the limit of ${megapixels(maxPixels)} megapixels`,
      'Scale it down, or raise VITRINE_MAX_MEGAPIXELS.',
    );
  }
}

/** Makes a clear error of whatever sharp threw while decoding. */
export function decodeFailure(error: unknown, kind: string, limits: ImageLimits): VitrineError {
  if (error instanceof VitrineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/^timeout:/.test(text)) return tooSlow(kind, limits, error);
  if (/pixel limit/.test(text)) {
    return failure(
      'TOO_LARGE',
      `The ${kind} picture has more than ${limits.maxPixels / 1e6} megapixels`,
      'Scale it down, or raise VITRINE_MAX_MEGAPIXELS.',
      error,
    );
  }
  return broken(`The ${kind} picture could not be decoded: ${explain(text)}`, error);
}

export function tooSlow(kind: string, { timeoutSeconds }: ImageLimits, cause: unknown): VitrineError {
  return failure(
    'DEADLINE_EXCEEDED',
    `The ${kind} picture was not decoded within ${timeoutSeconds} s`,
    'Send a smaller picture, or raise VITRINE_DECODE_SECONDS.',
    cause,
  );
}

/** What sharp says where libvips' words are lost. */
export const NO_WORDS = /Unknown error|treated as error due to failOn/;

/** libvips' own words, without file paths and repetitions. */
function explain(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^Input (?:file|buffer) has corrupt header:\s*/, 'corrupt header: '))
    .map((line) =>
      line.replace(/^(VipsJpeg|vipspng|gifload|heif|webp|tiff2vips|VipsForeignLoad):\s*/, '').trim(),
    )
    .filter(
      (line) =>
        line &&
        !NO_WORDS.test(line) &&
        !/bad seek|error in tile|^load error|read gave \d+ warnings|[/\\].*[/\\]/.test(line),
    );
  const unique = [...new Set(lines)].slice(0, 2).join('; ') || 'its data is corrupt';
  return unique.length > 160 ? `${unique.slice(0, 157)}...` : unique;
}
