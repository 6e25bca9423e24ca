import type { ColourTags } from '../planes';
import type { VideoInfo } from '../types';

/** What ffmpeg's messages say of the first video stream. */
export interface Stream {
  codec: string;
  /** Of its output, turned as it is seen, before its pixels are made square. */
  width: number;
  height: number;
  pixelFormat: string;
  /** Width by height of a pixel. */
  aspect: number;
  /** As they are told, undefined where nothing is. */
  matrix?: ColourTags['matrix'];
  fullRange: boolean;
  transfer: ColourTags['transfer'];
  frameRate?: number;
  /** Seconds, by the header. */
  duration?: number;
  rotation: VideoInfo['rotation'];
  /** By its header, or by the flags of frames; what frames look like misleads too often. */
  interlaced: boolean;
  alphaMode: boolean;
  dolbyVision?: number;
}

const MATRICES: Record<string, ColourTags['matrix']> = {
  bt709: 'bt709',
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  fcc: 'bt601',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/**
 * Reads the messages of a run with the filter showinfo.
 * @returns undefined where no frame was decoded
 */
export function describeStream(text: string): Stream | undefined {
  const part = videoPart(text);
  const line = /: Video: (.*)$/m.exec(part)?.[1];
  const frames = [...text.matchAll(/\bpts_time:\S+.* fmt:(\S+) .*?sar:(\d+)\/(\d+) s:(\d+)x(\d+) i:(\S)/g)];
  if (line === undefined || !frames.length) return undefined;
  const [, pixelFormat, across, down, width, height] = frames[0];
  const tags = /^[^,]+, ?\w+\(([^)]*)\)/.exec(withoutParens(line))?.[1]?.split(/, ?/) ?? [];
  const colours =
    tags.find((tag) => /^[a-z0-9-]+(\/[a-z0-9-]+){2}$/.test(tag) || tag in MATRICES)?.split('/') ?? [];
  const transfer = colours[2] ?? '';
  const isFlagged = frames.some((frame) => frame[6] !== 'P') || tags.some((tag) => /top|bottom/.test(tag));
  return {
    codec: /^\w+/.exec(line)?.[0] ?? 'unknown',
    width: Number(width),
    height: Number(height),
    pixelFormat,
    aspect: Number(across) > 0 && Number(down) > 0 ? Number(across) / Number(down) : 1,
    matrix: MATRICES[colours[0]],
    fullRange: tags.includes('pc') || /^yuvj/.test(pixelFormat),
    transfer: transfer === 'smpte2084' ? 'pq' : transfer === 'arib-std-b67' ? 'hlg' : 'sdr',
    frameRate: numberAfter(line, /([\d.]+)(k?) fps/),
    duration: durationOf(text),
    rotation: rotationOf(part),
    interlaced: isFlagged,
    alphaMode: /alpha_mode\s*: 1/i.test(part),
    dolbyVision: numberAfter(text, /DOVI configuration record:.*?profile: (\d+)/),
  };
}

/** The first video stream that is no cover picture, until the next stream or the outputs. */
function videoPart(text: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^ *Stream #0:\d+.*?: Video: (?!.*\(attached pic\))/.test(line));
  if (start < 0) return '';
  const end = lines.findIndex((line, at) => at > start && /^( *Stream #|Output #|Stream mapping)/.test(line));
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

/** `h264 (High) (avc1 / 0x31637661), yuv420p(tv), …` without what stands behind the codec. */
function withoutParens(line: string): string {
  return line.replace(/^(\w+)(?: \([^)]*\))*/, '$1');
}

function numberAfter(text: string, pattern: RegExp): number | undefined {
  const [, digits, thousands] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (thousands ? 1000 : 1);
}

function durationOf(text: string): number | undefined {
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** Degrees clockwise, of the matrix that turns the other way round. */
function rotationOf(text: string): VideoInfo['rotation'] {
  const degrees = -(numberAfter(text, /rotation of (-?[\d.]+) degrees/) ?? 0);
  return ((((Math.round(degrees / 90) * 90) % 360) + 360) % 360) as VideoInfo['rotation'];
}
