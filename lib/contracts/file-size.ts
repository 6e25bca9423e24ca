import { VitrineError } from './errors';

/** How large a file of a kind may be. */
export interface FileLimit {
  kind: keyof typeof LIMITS;
  maxBytes: number;
}

const LIMITS = { picture: 'VITRINE_MAX_IMAGE_MB', video: 'VITRINE_MAX_VIDEO_MB' } as const;

/** @param maxBytes the limit that was passed */
export function tooManyBytes(kind: keyof typeof LIMITS, maxBytes: number): VitrineError {
  return new VitrineError({
    code: 'TOO_LARGE',
    message: `The ${kind} has more than ${Math.floor(maxBytes / 1024 / 1024)} MB`,
    hint: `Send a smaller file, or raise ${LIMITS[kind]}.`,
  });
}
