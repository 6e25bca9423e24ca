import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SegmentResult, builtFile } from '../lib/contracts';
import { carried, writeClip } from './clip';

const FRAMES = Number(process.env.VITRINE_BENCH_FRAMES ?? 500);
const SIZE = { width: 1920, height: 1080 };
/** Milliseconds between two looks at the memory. */
const PACE = 200;

/**
 * A clip of 1080p through `vitrine segment` with the model of the package, in processes of its own: milliseconds a frame
 * by part, and the most memory that all of its processes together hold (Linux).
 *
 *   VITRINE_BENCH_FRAMES   frames of the clip; default 500
 *   VITRINE_BENCH_CLIP     a video that is there, in place of one that is drawn
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  try {
    const clip = process.env.VITRINE_BENCH_CLIP ?? join(folder, 'clip.mp4');
    if (!process.env.VITRINE_BENCH_CLIP)
      await writeClip(clip, carried('packshots/kettle', 'scenes/kitchen.jpg'), FRAMES, SIZE);
    for (const decoder of ['ffmpeg', 'webcodecs'])
      console.log(await measure(clip, join(folder, decoder), decoder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(clip: string, out: string, decoder: string): Promise<string> {
  const start = performance.now();
  const args = [builtFile('lib/cli/main.js'), 'segment', clip, '-o', out, '--model', 'u2netp', '--json'];
  // A folder without an ffmpeg in it leaves the decoder of the package.
  const env = decoder === 'ffmpeg' ? process.env : { ...process.env, PATH: out, FFMPEG_PATH: '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let answer = '';
  child.stdout.on('data', (chunk) => (answer += chunk));
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, memoryOf(child.pid!))), PACE);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(timer);
  if (code) return `${decoder}: ended with ${code}: ${answer.slice(0, 300)}`;
  const seconds = (performance.now() - start) / 1000;
  const { frame_count: frames, metrics, video } = JSON.parse(answer) as SegmentResult;
  const each = (ms = 0) => (ms / frames).toFixed(1);
  return [
    `${video.decoder}: ${frames} frames in ${seconds.toFixed(1)} s, at most ${Math.round(peak)} MB`,
    `  ms a frame: following ${each(metrics.infer_ms)}, decoding ${each(metrics.decode_ms)}, ` +
      `edges and colours ${each(metrics.refine_ms)}, waiting for files ${each(metrics.encode_ms)}`,
  ].join('\n');
}

/** Resident megabytes of a process and all that it has started. */
function memoryOf(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8');
      parents.set(Number(entry), Number(/PPid:\s+(\d+)/.exec(status)![1]));
      sizes.set(Number(entry), Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch (error) {
      // It has ended since.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) throw error;
    }
  }
  const isOurs = (pid: number): boolean => pid === root || (parents.has(pid) && isOurs(parents.get(pid)!));
  return [...sizes].reduce((sum, [pid, size]) => sum + (isOurs(pid) ? size : 0), 0);
}
