import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { OpenOptions, VideoFrame, VideoReader } from '../../lib/video';

export { ffmpegPath };

/** Writes a video that ffmpeg makes of its own sources. */
export function makeVideo(folder: string, name: string, ...args: (string | readonly string[])[]): string {
  const file = join(folder, name);
  execFileSync(ffmpegPath, ['-v', 'error', '-y', ...args.flat(), file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return file;
}

/** Frames whose grey tells their number: 20 + 6 n. */
export const numbered = (count: number, size = '64x48', rate = 25): string[] => [
  ...['-f', 'lavfi', '-i', `color=s=${size}:r=${rate}:d=${count / rate}`],
  ...['-vf', "geq=lum='16+(20+6*N)*219/255':cb=128:cr=128", '-frames:v', `${count}`],
];

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '8', '-pix_fmt', 'yuv420p'];

/** Options to open with. */
export function opening(folder: string, rest: Partial<OpenOptions> = {}): OpenOptions {
  const limits = { maxBytes: 1e8, maxSeconds: 60, maxPixels: 4e6, stallSeconds: 60 };
  return { limits, folder, ffmpegPath, signal: new AbortController().signal, ...rest };
}

export async function allFrames(reader: VideoReader, maxSide?: number): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for await (const frame of reader.frames(await reader.select({ maxFrames: 1000 }), { maxSide }))
    frames.push(frame);
  return frames;
}

/** Red, green and blue at a place of 0..1, averaged over a few pixels. */
export function colourAt({ image: { data, width, height } }: VideoFrame, x: number, y: number): number[] {
  const sums = [0, 0, 0];
  const [left, top] = [Math.round(x * (width - 1)), Math.round(y * (height - 1))];
  let count = 0;
  for (let row = Math.max(0, top - 1); row <= Math.min(height - 1, top + 1); row++)
    for (let column = Math.max(0, left - 1); column <= Math.min(width - 1, left + 1); column++, count++)
      sums.forEach((_, channel) => (sums[channel] += data[(row * width + column) * 3 + channel]));
  return sums.map((sum) => sum / count);
}

/**
 * Process ids of this process's children, zombies apart; on Linux. Those that were there before are not among them: other
 * suites run in the same process, and what decodes SVG is kept for a while.
 */
export const childProcesses = () => children().filter((pid) => !earlier.has(pid));

const earlier = new Set(children());

function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
        return parent === String(process.pid) && state !== 'Z';
      } catch {
        return false; // It has just ended.
      }
    })
    .map(Number);
}
