import type { z } from 'zod/v4';
import { type AugmentResult, MAX_SENT, augmentParams } from './augment';
import { type CallbackParams, callbackParams } from './callback';
import type { Config } from './config';
import type { FileLimit } from './file-size';
import {
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackOutput,
  type FrontAndBackResult,
  frontAndBackParams,
} from './front-and-back';
import type { StatusType } from './status-webhook';
import { type RemoveResult, removeParams } from './remove';
import { type ReplaceResult, replaceParams } from './replace';
import { type SecretName, type Secrets, takeSecrets } from './secrets';
import { type SegmentResult, segmentParams } from './segment';
import { invalid, parse } from './validate';

/** What a file that a job takes may be; each has limits of its own. */
export type FileKind = 'picture' | 'video';

/** How large a file of a kind may be. */
export function limitOf(kind: FileKind, { limits, videoLimits }: Config): FileLimit {
  return { kind, maxBytes: (kind === 'video' ? videoLimits : limits).maxBytes };
}

/** A file that a job takes as a field of its form. */
export interface JobFile {
  description: string;
  /** The field that may hold its public address in its place. */
  address: string;
  /** The field that may hold its path on the engine's machine, or its address; left out: paths are not taken. */
  path?: string;
  /** Without it, or an address in its place, the job is refused. */
  required: boolean;
  kind: FileKind;
}

/**
 * Files that a job takes several of: fields of one name in its form. What each is called says what it is, in parts with
 * slashes between, each as `encodeURIComponent` writes it.
 */
export interface JobFiles {
  description: string;
  kind: FileKind;
  /** How many there may be, and their bytes together. */
  most: number;
  maxTotalBytes: number;
}

/** A file that a job makes: `<prefix>_[<label>_]<unguessable>[_<suffix>].<extension>` in the output folder. */
export interface JobArtifact {
  prefix: string;
  suffix?: string;
  /** There may be several: the first one has the artifact's own name or a number, others a number: `output`, `output_2`. */
  many?: true;
}

/** The routes that finished files lie under; both lead to the same ones. */
export const FILE_ROUTES = ['download', 'outputs'] as const;

/** What the server, its clients, the terminal and the API's description need to know of a job. */
export interface Job {
  /** It is asked for by POST. */
  route: string;
  /**
   * A second route, which answers at once and does the job behind the answer, and what its callbacks' events begin with.
   * Both routes take `callbackParams` then, and the job a secret to sign its callbacks with.
   */
  background?: { route: string; event: string };
  /** Where its parameter `job_id` is given, it tells CALLBACK_URL its state, as being of this type. */
  status?: StatusType;
  summary: string;
  description?: string;
  /**
   * A form with these files and a field for each parameter, which may come as JSON too where `json` says so, with the
   * files' places; or JSON, which looks like the example, or a form where it takes `many` files of a name.
   */
  input:
    { files: Record<string, JobFile>; json?: true } | { example: string; many?: Record<string, JobFiles> };
  /** Each parameter says in `.describe()` what it takes. */
  params: z.ZodObject;
  /** Those that name folders on the engine's machine: below VITRINE_DATA_ROOTS only. */
  folders?: readonly string[];
  /** Those that it has a use for; they travel with it, in the object `secrets`. */
  secrets?: readonly SecretName[];
  artifacts: Record<string, JobArtifact>;
  /** Where the links to them stand: in the result's `artifacts`, or in its own fields. */
  linksIn: 'artifacts' | 'result';
  fileRoute: (typeof FILE_ROUTES)[number];
  /** The artifact that `Accept: image/*` is answered with; left out: JSON. */
  picture?: string;
}

/** What each job answers. */
export interface JobResults {
  remove: RemoveResult;
  replace: ReplaceResult;
  segment: SegmentResult;
  augment: AugmentResult;
  'front-and-back': FrontAndBackResult;
}

const designs = Object.fromEntries(
  FRONT_AND_BACK_OUTPUTS.map((output) => [output, { prefix: 'design', suffix: output }]),
) as Record<FrontAndBackOutput, JobArtifact>;

/** Every job there is; the functions behind the names are in lib/engine/jobs/index.ts. */
export const JOBS = {
  remove: {
    route: '/background/cleanup',
    summary: 'Cut a product out of its photo, or soften what is behind it',
    input: {
      files: { file: { description: 'The photo', address: 'url', required: true, kind: 'picture' } },
    },
    params: removeParams,
    artifacts: { output: { prefix: 'cleanup' }, mask: { prefix: 'mask' } },
    linksIn: 'artifacts',
    fileRoute: 'download',
    picture: 'output',
  },
  replace: {
    route: '/background/replace',
    background: { route: '/api/background/replace', event: 'background.job' },
    summary: 'Put a product on another backdrop, or on several',
    description:
      'Cuts the product out once and shows it on the backdrop of each preset, with shadows that fit. Studios, colours, ' +
      'gradients and pictures of your own need no model but the one that cuts; a prompt needs a generator of scenes.',
    input: {
      files: {
        file: {
          description: 'The photo',
          address: 'url',
          path: 'inputPath',
          required: true,
          kind: 'picture',
        },
        mask: {
          description:
            'Where the product is: white, or opaque, in a picture of the same size; then no model runs',
          address: 'mask_url',
          required: false,
          kind: 'picture',
        },
        backdrop: {
          description: 'The picture behind the product, for the engine image',
          address: 'backdrop_url',
          required: false,
          kind: 'picture',
        },
      },
      json: true,
    },
    params: replaceParams,
    secrets: ['runway_api_key', 'gemini_api_key'],
    artifacts: {
      output: { prefix: 'replace', many: true },
      compare: { prefix: 'compare', many: true },
      mask: { prefix: 'mask' },
    },
    linksIn: 'artifacts',
    fileRoute: 'download',
    picture: 'output',
  },
  segment: {
    route: '/video/segment',
    status: 'video_processing',
    summary: 'Cut a product out of every frame of a video, centred and of one size',
    description:
      'Follows the product through the video and makes a frame of each picture: cropped, centred, of one size. Where ' +
      'there are keys, Gemini reads what stands on the product, and frames and metadata are delivered to Supabase. With ' +
      'a job_id the state of the job is told to CALLBACK_URL.',
    input: {
      files: {
        video: {
          description: 'The video: MP4, MOV, WebM and others',
          address: 'video_url',
          path: 'video_path',
          required: true,
          kind: 'video',
        },
      },
      json: true,
    },
    params: segmentParams,
    secrets: ['gemini_api_key', 'supabase_key', 'webhook_secret'],
    artifacts: {
      frame: { prefix: 'frame', many: true },
      sheet: { prefix: 'sheet' },
      preview: { prefix: 'preview' },
      zip: { prefix: 'frames' },
    },
    linksIn: 'artifacts',
    fileRoute: 'download',
  },
  augment: {
    route: '/augment',
    status: 'augmentation',
    summary: 'Top a product data set up with training pictures made of its own',
    description:
      'The data set is a folder <UPC>/{syn|synthetic,real} on the machine of the engine, or lies so in Supabase. Only what ' +
      'is missing to the targets is made; the same seed gives the same pictures, and a run that was broken off goes on ' +
      'with the next one. Ask for application/x-ndjson: it may take hours. With a job_id the state of the job is told to ' +
      'CALLBACK_URL.',
    input: {
      example: '{"dataset_path": "/data/shelf", "syn_target": 600, "real_target": 400}',
      many: {
        picture: {
          description: 'The pictures of a data set, each named <UPC>/<syn or real>/<name>',
          kind: 'picture',
          most: MAX_SENT,
          maxTotalBytes: 8 * 1024 ** 3,
        },
        background: {
          description: 'What synthetic pictures are composed on',
          kind: 'picture',
          most: MAX_SENT,
          maxTotalBytes: 2 * 1024 ** 3,
        },
      },
    },
    params: augmentParams,
    folders: ['dataset_path', 'backgrounds_path'],
    secrets: ['supabase_key', 'webhook_secret'],
    artifacts: { report: { prefix: 'augmentation' }, picture: { prefix: 'augmented', many: true } },
    linksIn: 'artifacts',
    fileRoute: 'download',
  },
  'front-and-back': {
    route: '/process',
    summary: "Cut a product's front and back out, each with RMBG 2.0 and with BiRefNet",
    description:
      'Downloads both pictures, has Gemini clean them up first where there is a prompt, and cuts each with both ' +
      'networks at the same time. A missing back is fine. What failed is null, with the reason in errors; where ' +
      'everything failed the answer is an error. The pictures are PNG files under /outputs.',
    input: { example: '{"id": 123, "output": {"front": "https://…"}}' },
    params: frontAndBackParams,
    secrets: ['gemini_api_key'],
    artifacts: designs,
    linksIn: 'result',
    fileRoute: 'outputs',
  },
} as const satisfies Record<keyof JobResults, Job>;

type Jobs = typeof JOBS;
export type JobName = keyof Jobs;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

export type JobParams<J extends JobName> = z.output<Jobs[J]['params']>;
export type JobParamsInput<J extends JobName> = z.input<Jobs[J]['params']>;
type ArtifactsOf<J extends JobName> = Jobs[J]['artifacts'];
export type ArtifactOf<J extends JobName> = {
  [A in keyof ArtifactsOf<J> & string]: ArtifactsOf<J>[A] extends { many: true } ? A | `${A}_${number}` : A;
}[keyof ArtifactsOf<J> & string];
/** Its form's files, each as a `T`; none where it takes JSON. */
export type FilesOf<J extends JobName, T> = Jobs[J]['input'] extends { files: infer F }
  ? { [K in keyof F]: F[K] extends { required: true } ? T : T | undefined }
  : Record<never, T>;
/** Where a job's files lie; what it did not make has no link. */
export type Links<J extends JobName> = Partial<Record<ArtifactOf<J>, string>>;

/** What the table says of an artifact, by its name or its name with a number. */
export function artifactOf({ artifacts }: Job, name: string): JobArtifact | undefined {
  if (Object.hasOwn(artifacts, name)) return artifacts[name];
  const base = name.replace(/_\d+$/, '');
  return Object.hasOwn(artifacts, base) && artifacts[base].many ? artifacts[base] : undefined;
}

/** The links in a job's result. */
export function linksOf<J extends JobName>(name: J, result: JobResults[J]): Links<J> {
  const job: Job = JOBS[name];
  const fields = (
    job.linksIn === 'artifacts' ? (result as Exclude<JobResults[J], FrontAndBackResult>).artifacts : result
  ) as Links<J>;
  const made = (Object.keys(fields) as ArtifactOf<J>[]).filter(
    (artifact) => artifactOf(job, artifact) && fields[artifact],
  );
  return Object.fromEntries(made.map((artifact) => [artifact, fields[artifact]])) as Links<J>;
}

/** The credentials that a job can be sent. */
export function secretsOf({ secrets = [], background }: Job): readonly SecretName[] {
  return background ? [...secrets, 'webhook_secret'] : secrets;
}

/** All that a job's request may say besides its files and `secrets`. */
export function fieldsOf({ params, background }: Pick<Job, 'params' | 'background'>): z.ZodObject {
  return background ? params.extend(callbackParams.shape) : params;
}

/**
 * Parses what arrived for a job, and takes its `secrets` and its callback out.
 * @param params in place of the job's own, where a door takes them in a form of its own
 * @throws VitrineError INVALID_PARAMETER
 */
export function readJobRequest<J extends JobName>(
  name: J,
  value: unknown,
  params: z.ZodObject = JOBS[name].params,
): { params: JobParams<J>; callback: CallbackParams; secrets: Secrets } {
  const job: Job = JOBS[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const hint = 'example' in job.input ? `Send ${job.input.example}.` : undefined;
    throw invalid('the request', 'a JSON object', value, hint);
  }
  const { request, secrets } = takeSecrets(value, secretsOf(job));
  const { callbackUrl, mediaId, projectId, ...own } = parse(
    fieldsOf({ ...job, params }),
    request,
  ) as JobParams<J> & CallbackParams;
  return { params: own as JobParams<J>, callback: { callbackUrl, mediaId, projectId }, secrets };
}
