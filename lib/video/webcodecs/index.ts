import { fork } from 'node:child_process';
import { VitrineError, builtFile, decoderEnvironment, heapOptions } from '../../contracts';
import { byteCount } from '../planes';
import { broken, noDecoder } from '../problems';
import { DecoderProcess } from '../process';
import { Queue } from '../queue';
import type { DecodedFrame, OpenedVideo, Source } from '../types';
import type { Found, Reply, Task } from './protocol';

/** Megabytes of JavaScript's own memory; pixels lie beside it. */
const HEAP_MB = 256;

/**
 * The decoder that comes along (WebCodecs for Node, over an FFmpeg of its own), in a child process for each pass: it
 * crashes where one process decodes several videos, and cannot be stopped otherwise.
 * @throws VitrineError TOOL_MISSING where it does not run on this machine; INVALID_VIDEO; UNSUPPORTED_FORMAT
 */
export async function openWithWebCodecs(source: Source): Promise<OpenedVideo> {
  const { info, times, announced, notes } = await probe(source);
  return {
    info,
    times,
    announced,
    notes,
    decode: (indices, { width, height } = info) =>
      decodeFrames(source, { kind: 'decode', file: source.file, times, indices, size: { width, height } }),
  };
}

async function probe(source: Source): Promise<Found> {
  const child = WebCodecsProcess.ask(source, { kind: 'probe', file: source.file });
  try {
    const reply = await child.reply();
    if (reply.kind !== 'found') throw new Error(`The decoder answered ${reply.kind} to a probe`);
    return reply.found;
  } finally {
    await child.end();
  }
}

async function* decodeFrames(source: Source, task: Task & { kind: 'decode' }): AsyncGenerator<DecodedFrame> {
  const child = WebCodecsProcess.ask(source, task);
  try {
    for (;;) {
      const reply = await child.reply();
      if (reply.kind === 'done') return;
      if (reply.kind !== 'frame') throw new Error(`The decoder answered ${reply.kind} amid frames`);
      const { index, form, hasAlpha } = reply;
      const { width, height } = form;
      const image =
        'chroma' in form
          ? { ...form, bytes: await child.bytes(byteCount(form)) }
          : { data: await child.bytes(width * height * 3), width, height };
      const alpha = hasAlpha ? { data: await child.bytes(width * height), width, height } : undefined;
      yield { index, seconds: task.times[index], image, ...(alpha && { alpha }) };
    }
  } finally {
    await child.end();
  }
}

class WebCodecsProcess extends DecoderProcess {
  private readonly replies = new Queue<Reply>();

  static ask(source: Source, task: Task): WebCodecsProcess {
    const child = fork(builtFile('lib/video/webcodecs/child.js'), {
      cwd: source.folder,
      serialization: 'advanced',
      // Of its two ways to an FFmpeg, the one that it brings along.
      env: { ...decoderEnvironment(process.env), NODE_WEBCODECS_FORCE: 'static' },
      execArgv: heapOptions(HEAP_MB),
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    const asked = new WebCodecsProcess(child, source);
    child.on('message', (reply: Reply) => asked.replies.push(reply));
    child.on('disconnect', () => asked.replies.end());
    // One that is just dying takes no message: its end tells what became of it.
    child.send(task, () => undefined);
    return asked;
  }

  /** @throws VitrineError what the child says, or that it crashed */
  async reply(): Promise<Reply> {
    const reply = await this.watched(() => this.replies.next());
    if (reply === undefined) return this.crashed();
    if (reply.kind === 'missing') throw noDecoder();
    if (reply.kind === 'failure') throw VitrineError.fromBody(reply.failure);
    if (reply.kind === 'defect') throw new Error(`The decoder failed: ${reply.defect}`);
    return reply;
  }

  async bytes(length: number): Promise<Uint8Array> {
    return (await this.read(length)) ?? this.crashed();
  }

  private async crashed(): Promise<never> {
    const { code, signal } = await this.finished();
    throw broken(`The video made its decoder crash (${signal ?? `exit code ${code}`})`);
  }
}
