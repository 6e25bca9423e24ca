import type { ErrorBody, ImageLimits } from '../../contracts';
import type { ImageMetadata } from '../types';

/** Kinds whose decoders cannot be interrupted, or take memory that no header tells. */
export type GuardedKind = 'svg' | 'heif';

export interface Task {
  file: string;
  kind: GuardedKind;
  limits: ImageLimits;
  /** Of libvips. */
  threads: number;
  /** Bytes of resident memory at which the child ends itself. */
  maxMemory: number;
}

/** Comes as a message; behind a picture's, its bytes come on standard output: colour, then alpha if there is any. */
export type Reply =
  | {
      width: number;
      height: number;
      hasAlpha: boolean;
      format: string;
      metadata: ImageMetadata;
      /** Bytes of resident memory that the child holds. */
      memory: number;
    }
  | { failure: ErrorBody }
  /** Stack of an error that nobody foresaw. */
  | { defect: string };
