import { spawn } from 'node:child_process';
import { throwIfAborted, VitrineError } from '../contracts';

export interface FfmpegJob {
  /** Program to run; default `ffmpeg` on PATH. */
  ffmpegPath?: string;
  args: string[];
  /** Bytes that must come out; more or fewer is an error. */
  expectedBytes: number;
  timeoutSeconds: number;
  signal?: AbortSignal;
  /** What is being read, for messages, e.g. `HEIC`. */
  what: string;
}

/**
 * Runs ffmpeg without a shell and collects its standard output. It may only read files and pipes, and is killed
 * when the time is over, the job is cancelled, or more comes out than expected.
 * @throws VitrineError TOOL_MISSING, INVALID_IMAGE, DEADLINE_EXCEEDED, CANCELLED
 */
export async function runFfmpeg(job: FfmpegJob): Promise<Buffer> {
  if (job.signal) throwIfAborted(job.signal);
  const program = job.ffmpegPath || 'ffmpeg';
  const { code, output, log, reason } = await collect(program, job);
  if (job.signal) throwIfAborted(job.signal);
  if (reason === 'timeout') {
    throw new VitrineError({
      code: 'DEADLINE_EXCEEDED',
      message: `ffmpeg did not decode the ${job.what} picture within ${job.timeoutSeconds} s`,
      hint: 'Send a smaller picture, or raise VITRINE_DECODE_SECONDS.',
    });
  }
  if (code === 0 && output.length === job.expectedBytes) return output;
  const detail = log
    .trim()
    .split('\n')
    .pop()
    ?.replace(/^\[[^\]]*\]\s*/, '')
    .slice(0, 200);
  const found = `${output.length} of ${job.expectedBytes} bytes came out`;
  throw new VitrineError({
    code: 'INVALID_IMAGE',
    message: `ffmpeg could not decode the ${job.what} picture: ${code === 0 || !detail ? found : detail}`,
    hint: 'The file seems to be damaged or incomplete: export it again, or convert it to JPEG or PNG.',
  });
}

interface Outcome {
  code: number | null;
  output: Buffer;
  log: string;
  reason?: 'timeout' | 'overflow';
}

function collect(program: string, job: FfmpegJob): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const args = ['-hide_banner', '-nostdin', '-v', 'error', '-protocol_whitelist', 'file,pipe', ...job.args];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const output: Buffer[] = [];
    let bytes = 0;
    let log = '';
    let reason: Outcome['reason'];
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      reason = 'timeout';
      stop();
    }, job.timeoutSeconds * 1000);
    job.signal?.addEventListener('abort', stop);
    const settle = () => {
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', stop);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      output.push(chunk);
      if (bytes <= job.expectedBytes) return;
      reason = 'overflow';
      stop();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (log.length < 10_000) log += chunk.toString();
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(toolMissing(program, job, error));
    });
    child.on('close', (code) => {
      settle();
      resolve({ code, output: Buffer.concat(output), log, reason });
    });
  });
}

function toolMissing(
  program: string,
  { ffmpegPath, what }: FfmpegJob,
  cause: NodeJS.ErrnoException,
): VitrineError {
  const place = ffmpegPath ? `FFMPEG_PATH is ${JSON.stringify(program)}` : 'ffmpeg is not on PATH';
  return new VitrineError(
    {
      code: 'TOOL_MISSING',
      message: `${what} pictures are decoded by ffmpeg, which could not be started (${place}: ${cause.code ?? 'failed'})`,
      hint:
        'Install ffmpeg (Debian/Ubuntu: sudo apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ' +
        'Gyan.FFmpeg), or set FFMPEG_PATH to the program. Or send the picture as JPEG or PNG.',
    },
    { cause },
  );
}
