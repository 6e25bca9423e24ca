import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { totalmem } from 'node:os';
import sharp from 'sharp';
import {
  builtFile,
  decoderEnvironment,
  type ImageLimits,
  throwIfAborted,
  VitrineError,
} from '../../contracts';
import { broken, failure, tooSlow } from '../problems';
import type { DecodedImage, DecodeOptions } from '../types';
import type { GuardedKind, Reply, Task } from './protocol';

const MB = 1024 * 1024;
/** What a decoder may take besides pixels. */
const BASE_BYTES = 512 * MB;
/** Copies of a picture that a decoder may hold at once, as bytes a pixel. */
const BYTES_PER_PIXEL = 20;
/** A child that holds more than this is not kept for the next picture. */
const KEEP_BYTES = 300 * MB;
const IDLE_MS = 10_000;

/** The child that waits for the next picture, and the timer that sends it home. */
let idle: { decoder: GuardedDecoder; timer: NodeJS.Timeout } | undefined;

/**
 * Decodes a picture in a child process, since some decoders cannot be stopped and take memory that no header tells.
 * The child is killed when the time is over, when the job is cancelled, and when it holds too much memory, and harms
 * nobody by crashing. After a good picture it waits ten seconds for the next one; it never outlives its parent.
 * @throws VitrineError what decoding can say; TOO_LARGE where memory ran out; CANCELLED
 */
export async function decodeGuarded(
  file: string,
  kind: GuardedKind,
  options: DecodeOptions,
): Promise<DecodedImage> {
  const { limits, signal } = options;
  // What is aborted already tells no listener.
  if (signal) throwIfAborted(signal);
  const kept = takeIdle();
  const decoder = kept ?? new GuardedDecoder();
  let late = false;
  // The only thing that keeps the parent alive meanwhile.
  const timer = setTimeout(() => {
    late = true;
    decoder.kill();
  }, limits.timeoutSeconds * 1000);
  const stop = () => decoder.kill();
  signal?.addEventListener('abort', stop);
  try {
    const { image, memory } = await decoder.decode({
      file,
      kind,
      limits,
      threads: sharp.concurrency(),
      maxMemory: maxMemory(limits),
    });
    if (memory < KEEP_BYTES && !idle) keepIdle(decoder);
    else decoder.kill();
    return image;
  } catch (error) {
    decoder.kill();
    if (signal) throwIfAborted(signal);
    if (late) throw tooSlow(kind, limits, error);
    // It may have ended while it waited, which is not this picture's fault.
    if (kept && error instanceof ChildEnded) return decodeGuarded(file, kind, options);
    throw explain(error, kind);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function takeIdle(): GuardedDecoder | undefined {
  const taken = idle;
  idle = undefined;
  clearTimeout(taken?.timer);
  return taken?.decoder.isAlive ? taken.decoder : undefined;
}

function keepIdle(decoder: GuardedDecoder): void {
  const timer = setTimeout(() => {
    idle = undefined;
    decoder.kill();
  }, IDLE_MS);
  idle = { decoder, timer: timer.unref() };
}

/** Enough for the largest picture allowed, but never more than half of the machine. */
function maxMemory({ maxPixels }: ImageLimits): number {
  const machine = process.constrainedMemory() || totalmem();
  return Math.min(BASE_BYTES + BYTES_PER_PIXEL * maxPixels, Math.min(machine, totalmem()) / 2);
}

/** The child ended in the middle of a picture; the message says how. */
class ChildEnded extends Error {}

/** The watch in the child ends it by SIGTERM, a machine that runs out of memory by SIGKILL. */
function explain(error: unknown, kind: GuardedKind): unknown {
  if (!(error instanceof ChildEnded)) return error;
  if (/^SIG(TERM|KILL)$/.test(error.message)) {
    const message = `The ${kind} picture takes more memory to decode than allowed`;
    return failure('TOO_LARGE', message, 'Simplify it, make it smaller, or export it as PNG first.', error);
  }
  return broken(`The ${kind} picture made its decoder fail (${error.message})`, error);
}

class GuardedDecoder {
  private readonly child: ChildProcess;
  private readonly output: Socket;
  /** Rejects when the child ends. */
  private readonly end: Promise<never>;

  constructor() {
    this.child = fork(builtFile('lib/image/guard/child.js'), {
      serialization: 'advanced',
      env: decoderEnvironment(process.env),
      execArgv: ['--max-old-space-size=256'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.output = this.child.stdout as Socket;
    this.end = new Promise((_, reject) => {
      this.child.once('exit', (code, signal) => reject(new ChildEnded(signal ?? `exit code ${code}`)));
      this.child.once('error', reject);
    });
    // It may end when nobody waits for it.
    this.end.catch(() => undefined);
    this.child.unref();
    this.child.channel?.unref();
    this.output.unref();
  }

  get isAlive(): boolean {
    return this.child.connected;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** One picture at a time. */
  async decode(task: Task): Promise<{ image: DecodedImage; memory: number }> {
    // A child that is just dying takes no message: its end tells what became of it.
    this.child.send(task, () => undefined);
    const [reply] = (await this.orEnd(once(this.child, 'message'))) as [Reply];
    if ('failure' in reply) throw VitrineError.fromBody(reply.failure);
    if ('defect' in reply) throw new Error(`The decoder failed: ${reply.defect}`);
    const { width, height, hasAlpha, format, metadata, memory } = reply;
    const rgb = { data: await this.orEnd(this.read(width * height * 3)), width, height };
    const alpha = hasAlpha && { data: await this.orEnd(this.read(width * height)), width, height };
    return { image: { rgb, ...(alpha && { alpha }), format, metadata }, memory };
  }

  private read(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let at = 0;
    return new Promise((resolve) => {
      const take = (chunk: Buffer) => {
        const rest = length - at;
        bytes.set(chunk.subarray(0, rest), at);
        at += chunk.length;
        if (at < length) return;
        this.output.off('data', take).pause();
        if (chunk.length > rest) this.output.unshift(chunk.subarray(rest));
        resolve(bytes);
      };
      this.output.on('data', take).resume();
    });
  }

  private orEnd<T>(result: Promise<T>): Promise<T> {
    return Promise.race([result, this.end]);
  }
}
