import type { ErrorBody } from '../../contracts';
import type { VideoInfo } from '../types';

/** What the child is asked for, once; it ends afterwards. */
export type Task = { file: string } & (
  | { kind: 'probe' }
  | {
      kind: 'decode';
      /** As the probe gave them. */
      times: readonly number[];
      /** Ascending. */
      indices: readonly number[];
      /** Pixels of the frames that come, upright. */
      size: { width: number; height: number };
    }
);

export interface Found {
  info: VideoInfo;
  /** Seconds of all frames that are shown, ascending. */
  times: number[];
  /** Frames that the header has. */
  announced: number;
  /** What has to be told of the file. */
  notes: string[];
}

export type Reply =
  | { kind: 'found'; found: Found }
  /** A frame, whose bytes follow on standard output: colour, then alpha if there is any. */
  | { kind: 'frame'; index: number; width: number; height: number; hasAlpha: boolean }
  | { kind: 'done' }
  | { kind: 'failure'; failure: ErrorBody }
  /** The decoder does not run on this machine. */
  | { kind: 'missing' }
  | { kind: 'defect'; defect: string };
