import { describeFileError } from './file-errors';

/** Every failure a user can meet, with the HTTP status it answers with. */
export const ERROR_STATUS = {
  INVALID_PARAMETER: 400,
  INVALID_IMAGE: 422,
  INVALID_VIDEO: 422,
  UNSUPPORTED_FORMAT: 415,
  TOO_LARGE: 413,
  CLUTTERED_BACKGROUND: 422,
  NO_SUBJECT: 422,
  UNSURE_CUTOUT: 422,
  NOT_FOUND: 404,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  FETCH_FAILED: 422,
  QUOTA_EXCEEDED: 422,
  ADDRESS_BLOCKED: 403,
  UNKNOWN_MODEL: 400,
  MODEL_MISSING: 503,
  INVALID_MODEL: 500,
  LICENSE_REQUIRED: 403,
  DOWNLOAD_FAILED: 502,
  DEVICE_UNAVAILABLE: 503,
  TOOL_MISSING: 501,
  RATE_LIMITED: 429,
  REQUEST_TIMEOUT: 408,
  QUEUE_FULL: 503,
  ENGINE_RETIRING: 503,
  ENGINE_UNREACHABLE: 503,
  ENGINE_LOST: 502,
  ENGINE_START_FAILED: 503,
  WORKER_DIED: 500,
  NO_GENERATOR: 503,
  KEY_MISSING: 400,
  PROVIDER_DENIED: 502,
  PROVIDER_REJECTED: 422,
  PROVIDER_BUSY: 502,
  PROVIDER_FAILED: 502,
  DEADLINE_EXCEEDED: 504,
  CANCELLED: 499,
  OUTPUT_EXISTS: 409,
  DATASET_BUSY: 409,
  DISK_FULL: 507,
  FILE_ERROR: 500,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What crosses a process border or is printed with `--json`. */
export interface ErrorBody {
  code: ErrorCode;
  /** What happened, with the value received. */
  message: string;
  /** What the reader can do about it. */
  hint: string;
  /** Seconds after which the same request may succeed; only for errors that pass by themselves. */
  retryAfter?: number;
}

/** The only error that leaves a module on purpose. Anything else is a defect and becomes `INTERNAL` at the border. */
export class VitrineError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryAfter?: number;

  constructor(body: ErrorBody, options?: { cause?: unknown }) {
    super(body.message, options);
    this.name = 'VitrineError';
    this.code = body.code;
    this.hint = body.hint;
    this.retryAfter = body.retryAfter;
  }

  /** HTTP status code, 400..599. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }

  toJSON(): ErrorBody {
    const { code, message, hint, retryAfter } = this;
    return retryAfter === undefined ? { code, message, hint } : { code, message, hint, retryAfter };
  }

  /** Rebuilds an error that crossed a process border. */
  static fromBody(body: ErrorBody): VitrineError {
    return new VitrineError(body.code in ERROR_STATUS ? body : { ...body, code: 'INTERNAL' });
  }

  /**
   * Wraps whatever was thrown. Errors of the file system name the path; unknown errors keep their message as `cause` only: it may hold paths or
   * secrets, so the reader is sent to the log instead.
   */
  static from(error: unknown): VitrineError {
    if (error instanceof VitrineError) return error;
    if ((error as Error | undefined)?.name === 'AbortError') return cancelled();
    const file = describeFileError(error);
    if (file) {
      const { full, message, hint } = file;
      return new VitrineError({ code: full ? 'DISK_FULL' : 'FILE_ERROR', message, hint }, { cause: error });
    }
    return new VitrineError(
      {
        code: 'INTERNAL',
        message: 'Something unexpected happened inside Vitrine',
        hint: 'The details are in the error log (logs/error.log of an engine, stderr on the terminal); please report them with the picture if you can.',
      },
      { cause: error },
    );
  }
}

/** The job's signal was aborted: the caller went away or asked for it. */
export function cancelled(): VitrineError {
  return new VitrineError({
    code: 'CANCELLED',
    message: 'The job was cancelled before it ended',
    hint: 'Start it again if that was not intended.',
  });
}
