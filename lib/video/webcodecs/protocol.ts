import type { ErrorBody } from '../../contracts';
import type { PlanarImage } from '../planes';
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

/** What the bytes of a frame are: red, green and blue, or planes. */
export type FrameForm = { width: number; height: number } | Omit<PlanarImage, 'bytes'>;

export type Reply =
  | { kind: 'found'; found: Found }
  /** A frame, whose bytes follow on standard output: colours or what they are made of, then alpha if there is any. */
  | { kind: 'frame'; index: number; form: FrameForm; hasAlpha: boolean }
  | { kind: 'done' }
  | { kind: 'failure'; failure: ErrorBody }
  /** The decoder does not run on this machine. */
  | { kind: 'missing' }
  | { kind: 'defect'; defect: string };
