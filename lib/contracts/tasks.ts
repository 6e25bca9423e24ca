import type { PipelineSummary } from './augment';
import type { OutputFormat } from './formats';
import type { Generator, PresetSummary } from './look';
import type { GenerateInput, GenerateResult } from './generate';
import type { ModelSummary } from './models';
import type {
  Border,
  CutoutDone,
  Each,
  PictureDone,
  PictureFiles,
  PictureName,
  PictureOrder,
  Source,
  SurveyedPicture,
} from './pictures';
import type { BoundingBox } from './pixels';
import type { RemoveParams, RemoveResult } from './remove';
import type { ReplaceParams, ReplaceResult } from './replace';
import type { SegmentParams, SegmentedClip } from './segment';
import type { GeneratedScene, SceneLook, SceneRequest } from './scenes';

/**
 * What a worker can do: what goes in, what comes out. Pictures cross as paths, never as buffers; what a task writes
 * lies in its job's folder afterwards. The functions behind the names are in lib/pipelines/index.ts.
 */
export interface Tasks {
  remove: { input: { file: string; params: RemoveParams }; output: RemoveResult };
  replace: {
    input: {
      file: string;
      mask?: string;
      backdrop?: string;
      params: ReplaceParams;
      /** What could generate scenes for this job, as `scenes` was told; and the scene of each picture that has one. */
      generators?: readonly Generator[];
      generated?: readonly (GeneratedScene | null)[];
    };
    output: ReplaceResult;
  };
  /**
   * Which of a replacement's pictures need a scene that is generated, and what to ask a generator for. The photo is read
   * where there is one, so that nothing is paid for a photo that cannot be used; the product is cut out of it where a
   * scene is to be drawn around it.
   */
  scenes: {
    input: {
      file: string;
      mask?: string;
      backdrop: boolean;
      params: ReplaceParams;
      generators: readonly Generator[];
    };
    output: (SceneRequest | null)[];
  };
  /** Looks at a generated scene: whether it can be read, and whether a product stands in it already. */
  inspect: { input: { file: string }; output: SceneLook };
  /** A contact sheet of encoded files. */
  preview: {
    input: { pairs: { before: string; after: string }[]; format: OutputFormat };
    output: { file: string };
  };
  /** An upright JPEG without metadata; `maxSide`: pixels. */
  prepare: {
    input: { file: string; maxSide: number };
    output: { file: string; mimeType: string; width: number; height: number };
  };
  /** A scene from a prompt. */
  generate: { input: GenerateInput; output: GenerateResult };
  /** One product cut out of a video's frames. */
  segment: {
    input: {
      file: string;
      params: SegmentParams;
      /** Where the product is in a frame of the video, pixels, when somebody has found it for the prompt. */
      found?: { frame: number; box: BoundingBox };
    };
    output: SegmentedClip;
  };
  /** A few frames of a video, sharp and different from each other, as JPEG; the sharpest first. */
  stills: {
    input: { file: string; count: number };
    output: {
      stills: {
        file: string;
        /** In the video, from 0. */
        frame: number;
        /** Pixels, and how many pixels of the video each of them stands for. */
        width: number;
        height: number;
        ratio: number;
      }[];
    };
  };
  /** A report of an augmented data set for people: one HTML file. */
  report: {
    input: {
      /** The folder that the data set lies in now, and what it is called. */
      dataset: string;
      title: string;
      /** A JSON file: the job's answer, but for its artifacts. */
      facts: string;
      /** A file with what was made: a `PictureDone` a line. */
      records: string;
      /** Where it goes. */
      file: string;
    };
    output: { file: string };
  };
  /** Reads pictures that others are to be made of, as a whole: what is broken says so. */
  survey: { input: { files: readonly string[] }; output: Each<SurveyedPicture>[] };
  /**
   * Cuts a source out: a PNG with alpha and clean edge colours, of the part of the picture that is used, made smaller
   * where the product's longer side is more than `size` pixels.
   */
  cutout: {
    input: {
      file: string;
      border: Border | null;
      params: Pick<RemoveParams, 'model' | 'device' | 'strict_device'>;
      /** An absolute path. */
      to: string;
      size?: number;
    };
    output: CutoutDone;
  };
  /** Makes training pictures, one after the other, and writes each straight to where it belongs. */
  augment: {
    input: {
      files: PictureFiles;
      /** What synthetic pictures may be composed of: backgrounds (none: drawn ones), products of other classes. */
      backgrounds: readonly PictureName[];
      distractors: readonly Source[];
      pictures: readonly PictureOrder[];
    };
    output: Each<PictureDone>[];
  };
  models: { input: Record<string, never>; output: ModelSummary[] };
  presets: { input: Record<string, never>; output: PresetSummary[] };
  /** How pictures can be varied. */
  pipelines: { input: Record<string, never>; output: PipelineSummary[] };
  /**
   * Whether a replacement asks for what there is and goes together, before its photo is looked at; and what its
   * generators would be asked for, in a frame that is a guess where the job does not say it.
   */
  'check-replace': {
    input: { params: ReplaceParams; given: readonly string[]; generators: readonly Generator[] };
    output: (SceneRequest | null)[];
  };
}

export type TaskName = keyof Tasks;

/** How the pool treats a task. */
export interface TaskTraits {
  lane: LaneName;
  /** A question is small: it never waits behind jobs, takes no place of theirs, and writes no file. */
  kind: 'job' | 'question';
  /**
   * Running it twice does no harm: it begins anew when its worker ended through no fault of its own. Others fail then,
   * and had better have a lane of one slot.
   */
  restartable: boolean;
  /** Its time starts anew with all that it tells of its progress: a long clip is not a stuck one. */
  paced?: true;
}

export const TASKS = {
  remove: { lane: 'inference', kind: 'job', restartable: true },
  replace: { lane: 'inference', kind: 'job', restartable: true },
  scenes: { lane: 'inference', kind: 'job', restartable: true },
  inspect: { lane: 'inference', kind: 'job', restartable: true },
  preview: { lane: 'inference', kind: 'job', restartable: true },
  prepare: { lane: 'inference', kind: 'job', restartable: true },
  segment: { lane: 'inference', kind: 'job', restartable: true, paced: true },
  stills: { lane: 'inference', kind: 'job', restartable: true },
  report: { lane: 'augmentation', kind: 'job', restartable: true },
  generate: { lane: 'diffusion', kind: 'job', restartable: true },
  survey: { lane: 'augmentation', kind: 'job', restartable: true },
  cutout: { lane: 'inference', kind: 'job', restartable: true },
  augment: { lane: 'augmentation', kind: 'job', restartable: true },
  models: { lane: 'inference', kind: 'question', restartable: true },
  presets: { lane: 'inference', kind: 'question', restartable: true },
  pipelines: { lane: 'inference', kind: 'question', restartable: true },
  'check-replace': { lane: 'inference', kind: 'question', restartable: true },
} as const satisfies Record<TaskName, TaskTraits>;

export type QuestionName = {
  [T in TaskName]: (typeof TASKS)[T]['kind'] extends 'question' ? T : never;
}[TaskName];
export type WorkName = Exclude<TaskName, QuestionName>;

/** Worker processes with a queue of their own. */
export interface LaneTraits {
  /** One process for each graphics card (one in all where there is none), or one for each core of the CPU. */
  processes: 'cards' | 'cores';
  /** Jobs that one process holds at a time: while one infers, the next decodes. */
  slots: number;
  /** Seconds without work after which a process ends, giving all its memory back; left out: it stays. */
  idleSeconds?: number;
}

export const LANES = {
  inference: { processes: 'cards', slots: 2 },
  // A generator takes gigabytes, and sessions that are released leak: the process ends in their place.
  diffusion: { processes: 'cards', slots: 1, idleSeconds: 300 },
  // What a run has decoded is kept for its next pictures, and given back after it.
  augmentation: { processes: 'cores', slots: 1, idleSeconds: 60 },
} as const satisfies Record<string, LaneTraits>;

export type LaneName = keyof typeof LANES;
