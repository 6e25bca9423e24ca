import { broken, tooManyPixels, unsupported } from '../problems';
import type { Source } from '../types';
import { type Stream, describeStream } from './describe';
import type { Ffmpeg } from './find';
import { FfmpegProcess } from './run';

/** Frames that are decoded to learn what they are. */
const LOOKED_AT = 25;
/** What is said of files that end before their video does. */
const DAMAGE = /partial file|truncat|corrupt|invalid data found/i;
/** Of a packet in `framecrc`: decoded, and not shown. */
const DISCARDED = 4;
const CORRUPT = 2;

export interface Listing {
  times: number[];
  /** Seconds of the last frame. */
  lastDuration: number;
  /** The file ends before its video does, or parts of it cannot be read. */
  isDamaged: boolean;
}

/**
 * Lists the packets of the first video and decodes its first frames, in one run.
 * @throws VitrineError INVALID_VIDEO, UNSUPPORTED_FORMAT
 */
export async function probe(ffmpeg: Ffmpeg, source: Source): Promise<Stream & Listing> {
  const video = ['-map', '0:V:0'];
  const list = [
    ...video,
    '-c',
    'copy',
    '-copyinkf',
    '-avoid_negative_ts',
    'disabled',
    '-f',
    'framecrc',
    'pipe:1',
  ];
  const look = [
    ...video,
    '-vf',
    'showinfo=checksum=0',
    '-frames:v',
    `${LOOKED_AT}`,
    ...ffmpeg.passthrough,
    '-f',
    'null',
    '-',
  ];
  // Both have ended before one of them is heard.
  const runs = await Promise.allSettled([list, look].map((args) => collect(ffmpeg, source, args)));
  const [listing, { text, reason }] = runs.map((run) => {
    if (run.status === 'rejected') throw run.reason;
    return run.value;
  });
  const stream = describeStream(text);
  if (!stream) throw explain(text, reason, source.maxPixels);
  const packets = readPackets(listing.output);
  if (!packets.times.length) throw broken('The video has no frames');
  const isDamaged = packets.isDamaged || DAMAGE.test(listing.text);
  return { ...stream, ...packets, isDamaged };
}

/** All that a run writes and says. */
async function collect(
  ffmpeg: Ffmpeg,
  source: Source,
  args: string[],
): Promise<{ output: string; text: string; reason: string }> {
  const lines: string[] = [];
  const running = FfmpegProcess.start(ffmpeg, source, [[], args], (line) => lines.push(line));
  try {
    const output = await running.readText();
    await running.finished();
    return {
      output,
      text: lines.join('\n').replaceAll(source.file, '…'),
      reason: running.reason(source.file),
    };
  } finally {
    await running.end();
  }
}

/** `stream, dts, pts, duration, size, checksum[, F=flags]`, in units of `#tb`. */
function readPackets(text: string): Listing {
  const [, over = 1, under = 1] = (/^#tb 0: (\d+)\/(\d+)/m.exec(text) ?? []).map(Number);
  const unit = over / under;
  const packets = [...text.matchAll(/^0, +-?\d+, +(-?\d+), +(\d+), +\d+, \w+(?:, F=0x(\w+))?/gm)].map(
    ([, time, duration, flags = '0']) => ({
      time: Number(time) * unit,
      duration: Number(duration) * unit,
      flags: parseInt(flags, 16),
    }),
  );
  const shown = packets
    .filter(({ flags, time, duration }) => !(flags & DISCARDED) && (time >= 0 || time + duration > 0))
    .sort((a, b) => a.time - b.time);
  return {
    times: shown.map(({ time }) => time),
    lastDuration: shown.at(-1)?.duration ?? 0,
    isDamaged: packets.some(({ flags }) => flags & CORRUPT),
  };
}

function explain(text: string, reason: string, maxPixels: number) {
  const [, width, height] = /Picture size (\d+)x(\d+) exceeds/.exec(text) ?? [];
  if (width) return tooManyPixels(Number(width), Number(height), maxPixels);
  if (/matches no streams/.test(text))
    return broken('The file has no video in it, only sound or pictures', 'Send the file that has the video.');
  const codec = /Decoder \(codec (\w+)\) not found/.exec(text)?.[1];
  if (codec) return unsupported(`This ffmpeg cannot decode ${codec}`);
  if (/Video: \w+ .*\(enc|encrypted|cbcs|cenc/i.test(text))
    return broken('The video is encrypted', 'Send a copy without protection.');
  return broken(`The video cannot be read: ${reason}`);
}
