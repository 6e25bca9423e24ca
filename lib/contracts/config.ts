import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isConfidential, isWebAddress, mayCarryKey } from './addresses';
import { invalid } from './validate';
import { DEVICES, MODEL_ID_PATTERN, type Device } from './remove';
import { BG_ENGINES, type BgEngine, bgEngine } from './replace';
import { SECRET_VARIABLES, type Secrets, secretsOfEnvironment } from './secrets';

/** Where pixels stop being accepted, before anything is decoded. */
export interface ImageLimits {
  /** Bytes of an encoded picture. */
  maxBytes: number;
  /** Pixels of a decoded picture (one page). */
  maxPixels: number;
  /** Pixels of the longer side. */
  maxSide: number;
  /** Seconds that decoding or encoding may take. */
  timeoutSeconds: number;
}

/** Where videos stop being accepted, before their frames are decoded. */
export interface VideoLimits {
  /** Bytes of the file. */
  maxBytes: number;
  /** Seconds that it plays. */
  maxSeconds: number;
  /** Pixels of a frame. */
  maxPixels: number;
  /** Seconds without a frame after which its decoder is ended. */
  stallSeconds: number;
}

export interface Config {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Required in `Authorization: Bearer …` when set. */
  token?: string;
  /** Public address of the engine for links in answers; default: the address asked. */
  baseUrl?: string;
  /** That of jobs that leave it at `auto`. */
  device: Device;
  /** Graphics cards compute in half precision where a model has files for that. */
  halfPrecision: boolean;
  /** What makes backdrops for jobs that name neither an engine nor a preset. */
  bgEngine: BgEngine;
  /** The generator of scenes for jobs that name none: an id of the registry. */
  modelId: string;
  /** Generators may be asked for more than 4096 pixels a side. */
  allow4k: boolean;
  outputDir: string;
  logDir: string;
  homeDir: string;
  modelsDir: string;
  tempDir: string;
  debug: boolean;
  /** Requests a minute, for all callers together; 0 means no limit. */
  requestsPerMinute: number;
  /** Jobs that may wait before callers get 503. */
  maxQueue: number;
  /** Seconds one job may take. */
  jobTimeoutSeconds: number;
  outputTtlHours: number;
  /** Seconds without work after which the embedded engine ends. */
  idleSeconds: number;
  /** Folders, as absolute paths, under which requests may name files by their path; none: nowhere. */
  dataRoots: string[];
  /** Hosts and CIDRs that URL downloads and callbacks may reach besides public addresses. */
  allowHosts: string[];
  /** Never download a model. */
  offline: boolean;
  /** Address of the Hugging Face hub or a mirror of it, without a slash at the end. */
  hubEndpoint: string;
  /** Sent to the hub, and to it only. */
  hubToken?: string;
  /** Where Gemini's API answers, without a slash at the end; https, or loopback. */
  geminiUrl: string;
  /** Used for jobs that bring none of their own, each sent to its service only. */
  secrets: Secrets;
  /** The Gemini model that cleans pictures up and makes scenes. */
  geminiModel: string;
  /** The Gemini model that reads what stands on a product. */
  geminiVisionModel: string;
  /** Where Runway's API answers, without a slash at the end; https, or loopback. */
  runwayUrl: string;
  /** The Runway model that makes scenes. */
  runwayModel: string;
  /** Where the Supabase project answers for jobs that name none, without a slash at the end; see `mayCarryKey`. */
  supabaseUrl?: string;
  /** Under which jobs with a `job_id` tell their state, without a slash at the end. */
  callbackUrl?: string;
  /** Address under which `<model id>/<file name>` is tried before every other source. */
  modelsMirror?: string;
  /** A model that a worker loads and runs once when it starts. */
  warmModel?: string;
  /** Threads for inference; 0 lets the runtime choose. */
  threads: number;
  limits: ImageLimits;
  videoLimits: VideoLimits;
  /** The ffmpeg that decodes videos; default: the one on PATH, then the decoder that comes along. */
  ffmpegPath?: string;
  /** The Python whose pip fetches the CUDA libraries; default: the one on PATH. */
  python?: string;
}

/** The settings that may stand in a `.env` file; docs/configuration.md says what they do. */
export const CONFIG_VARIABLES: readonly string[] = [
  'HOST',
  'PORT',
  'VITRINE_TOKEN',
  'BASE_URL',
  'DEVICE',
  'USE_FP16',
  'BG_ENGINE',
  'MODEL_ID',
  'ALLOW_4K',
  'OUTPUT_DIR',
  'VITRINE_OUTPUT_TTL_HOURS',
  'BG_REQS_PER_MIN',
  'VITRINE_MAX_QUEUE',
  'VITRINE_JOB_TIMEOUT_SECONDS',
  'VITRINE_MAX_IMAGE_MB',
  'VITRINE_MAX_MEGAPIXELS',
  'VITRINE_DECODE_SECONDS',
  'VITRINE_MAX_VIDEO_MB',
  'VITRINE_MAX_VIDEO_SECONDS',
  'FFMPEG_PATH',
  'VITRINE_PYTHON',
  'VITRINE_ALLOW_HOSTS',
  'VITRINE_DATA_ROOTS',
  'VITRINE_HOME',
  'VITRINE_MODELS_DIR',
  'VITRINE_TEMP_DIR',
  'VITRINE_LOG_DIR',
  'VITRINE_ENGINE_IDLE_SECONDS',
  'VITRINE_OFFLINE',
  'VITRINE_GEMINI_MODEL',
  'VITRINE_GEMINI_VISION_MODEL',
  'VITRINE_GEMINI_URL',
  'VITRINE_RUNWAY_MODEL',
  'VITRINE_RUNWAY_URL',
  'SUPABASE_URL',
  'CALLBACK_URL',
  'HF_ENDPOINT',
  'HF_TOKEN',
  'VITRINE_MODELS_MIRROR',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'VITRINE_WARM_MODEL',
  'OMP_NUM_THREADS',
  'DEBUG',
  ...SECRET_VARIABLES,
];

/** What a worker is told of the configuration: nothing that lets anybody in anywhere but to the hub of models. */
export type WorkerConfig = Pick<
  Config,
  | 'device'
  | 'halfPrecision'
  | 'bgEngine'
  | 'modelId'
  | 'allow4k'
  | 'homeDir'
  | 'modelsDir'
  | 'offline'
  | 'hubEndpoint'
  | 'hubToken'
  | 'modelsMirror'
  | 'warmModel'
  | 'threads'
  | 'limits'
  | 'videoLimits'
  | 'ffmpegPath'
>;

/** Where Google's own Gemini API answers. */
export const GEMINI_URL = 'https://generativelanguage.googleapis.com';
/** Where Runway's own API answers. */
export const RUNWAY_URL = 'https://api.dev.runwayml.com';

/** Our ids of generators by their names on the Hugging Face hub, in lower case. */
const HUB_NAMES: Record<string, string> = {
  'stabilityai/stable-diffusion-xl-base-1.0': 'sdxl-base',
  'stabilityai/sdxl-turbo': 'sdxl-turbo',
  'stabilityai/sd-turbo': 'sd-turbo',
  'black-forest-labs/flux.2-klein-4b': 'flux2-klein',
};

type Env = Record<string, string | undefined>;

/**
 * Reads the whole configuration; the table in docs/configuration.md lists every variable.
 * @throws VitrineError INVALID_PARAMETER naming the variable
 */
export function loadConfig(env: Env = process.env): Config {
  const home = env.VITRINE_HOME || join(homedir(), '.vitrine');
  const device = (env.DEVICE || 'auto').toLowerCase();
  if (!(DEVICES as readonly string[]).includes(device))
    throw invalid('DEVICE', `one of ${DEVICES.join(', ')}`, env.DEVICE);
  const host = env.HOST || '127.0.0.1';
  const maxPixels = whole(env, 'VITRINE_MAX_MEGAPIXELS', 64, 1, 500) * 1_000_000;
  const timeoutSeconds = whole(env, 'VITRINE_DECODE_SECONDS', 20, 1, 600);
  return {
    host,
    port: whole(env, 'PORT', 8089, 0, 65535),
    token: readToken(env),
    baseUrl: env.BASE_URL?.replace(/\/+$/, '') || undefined,
    device: device as Device,
    halfPrecision: flag(env, 'USE_FP16', true),
    bgEngine: readBgEngine(env),
    modelId: readModelId(env),
    allow4k: flag(env, 'ALLOW_4K'),
    outputDir: env.OUTPUT_DIR || './output',
    logDir: env.VITRINE_LOG_DIR || './logs',
    homeDir: home,
    modelsDir: env.VITRINE_MODELS_DIR || join(home, 'models'),
    tempDir: env.VITRINE_TEMP_DIR || tmpdir(),
    debug: flag(env, 'DEBUG'),
    requestsPerMinute: whole(env, 'BG_REQS_PER_MIN', 10, 0, 1_000_000),
    maxQueue: whole(env, 'VITRINE_MAX_QUEUE', 64, 1, 100_000),
    jobTimeoutSeconds: whole(env, 'VITRINE_JOB_TIMEOUT_SECONDS', 300, 1, 86_400),
    outputTtlHours: whole(env, 'VITRINE_OUTPUT_TTL_HOURS', 24, 1, 8_760),
    idleSeconds: whole(env, 'VITRINE_ENGINE_IDLE_SECONDS', 600, 1, 86_400),
    dataRoots: readDataRoots(env),
    allowHosts: list(env.VITRINE_ALLOW_HOSTS, ','),
    offline: flag(env, 'VITRINE_OFFLINE'),
    hubEndpoint: address(env, 'HF_ENDPOINT') ?? 'https://huggingface.co',
    hubToken: env.HF_TOKEN?.trim() || undefined,
    geminiUrl: safeAddress(env, 'VITRINE_GEMINI_URL') ?? GEMINI_URL,
    secrets: secretsOfEnvironment(env),
    geminiModel: env.VITRINE_GEMINI_MODEL?.trim() || 'gemini-3.1-flash-image',
    geminiVisionModel: env.VITRINE_GEMINI_VISION_MODEL?.trim() || 'gemini-3.8-flash',
    runwayUrl: safeAddress(env, 'VITRINE_RUNWAY_URL') ?? RUNWAY_URL,
    runwayModel: env.VITRINE_RUNWAY_MODEL?.trim() || 'gen4_image',
    supabaseUrl: supabaseAddress(env),
    callbackUrl: address(env, 'CALLBACK_URL'),
    modelsMirror: address(env, 'VITRINE_MODELS_MIRROR'),
    warmModel: env.VITRINE_WARM_MODEL || undefined,
    threads: whole(env, 'OMP_NUM_THREADS', 0, 0, 1024),
    limits: {
      maxBytes: whole(env, 'VITRINE_MAX_IMAGE_MB', 100, 1, 2_000) * 1024 * 1024,
      maxPixels,
      maxSide: 16_384,
      timeoutSeconds,
    },
    videoLimits: {
      maxBytes: whole(env, 'VITRINE_MAX_VIDEO_MB', 2_048, 1, 100_000) * 1024 * 1024,
      maxSeconds: whole(env, 'VITRINE_MAX_VIDEO_SECONDS', 600, 1, 86_400),
      maxPixels,
      stallSeconds: timeoutSeconds,
    },
    ffmpegPath: env.FFMPEG_PATH?.trim() || undefined,
    python: env.VITRINE_PYTHON?.trim() || undefined,
  };
}

function readBgEngine(env: Env): BgEngine {
  const read = bgEngine.safeParse(env.BG_ENGINE || 'auto');
  if (read.success) return read.data;
  throw invalid('BG_ENGINE', `one of ${BG_ENGINES.join(', ')}`, env.BG_ENGINE);
}

/** A generator by our id, or by the name that the older service knows it by. */
function readModelId(env: Env): string {
  const text = env.MODEL_ID?.trim() || 'sdxl-base';
  const id = HUB_NAMES[text.toLowerCase()] ?? text;
  if (MODEL_ID_PATTERN.test(id)) return id;
  throw invalid(
    'MODEL_ID',
    `the id of a model, such as sdxl-base, or one of ${Object.keys(HUB_NAMES).join(', ')}`,
    text,
    'Describe a model of your own in registry.local.json in the models folder (docs/models.md), and set MODEL_ID to its id.',
  );
}

/** One that cannot be guessed, and that a header can carry. */
function readToken(env: Env): string | undefined {
  const token = env.VITRINE_TOKEN?.trim();
  if (!token) return undefined;
  if (/^[\x21-\x7e]{16,512}$/.test(token)) return token;
  const expected = `a text of 16 to 512 ASCII characters without blanks`;
  throw invalid('VITRINE_TOKEN', expected, token, 'Take the output of "openssl rand -hex 32".');
}

/** Folders with semicolons between them, as n8n lists them; `~` is the home folder. */
function readDataRoots(env: Env): string[] {
  const roots = list(env.VITRINE_DATA_ROOTS, ';').map((root) => root.replace(/^~(?=$|[\\/])/, homedir()));
  const odd = roots.find((root) => !isAbsolute(root));
  if (odd === undefined) return roots;
  throw invalid('VITRINE_DATA_ROOTS', 'full paths of folders with semicolons between them', odd);
}

function list(text = '', separator: string): string[] {
  return text
    .split(separator)
    .map((entry) => entry.trim())
    .filter(Boolean);
}

function whole(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name]?.trim();
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalid(name, `a whole number from ${min} to ${max}`, text);
  }
  return value;
}

function address(env: Env, name: string): string | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (!isWebAddress(text)) throw invalid(name, 'an http or https address such as https://hub.example', text);
  return text.replace(/\/+$/, '');
}

/** An address that keys may be sent to. */
function safeAddress(env: Env, name: string): string | undefined {
  const url = address(env, name);
  if (url !== undefined && !isConfidential(url))
    throw invalid(name, 'an https address, or one of this machine', url);
  return url;
}

/** A project may be one's own, in a network that is trusted. */
function supabaseAddress(env: Env): string | undefined {
  const url = address(env, 'SUPABASE_URL');
  if (url === undefined || mayCarryKey(url, list(env.VITRINE_ALLOW_HOSTS, ','))) return url;
  const expected = 'an https address, one of this machine, or one of a host in VITRINE_ALLOW_HOSTS';
  throw invalid('SUPABASE_URL', expected, url);
}

function flag(env: Env, name: string, fallback = false): boolean {
  const text = env[name]?.trim().toLowerCase();
  if (!text) return fallback;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw invalid(name, 'true or false', env[name]);
}
