import { writeFile } from 'node:fs/promises';
import { getNativeVariant } from 'node-webcodecs';
import { VitrineError } from '../../contracts';
import { configureSharp } from '../../image';
import { broken, unsupported } from '../problems';
import { type UprightFrame, decode } from './decode';
import { probe } from './probe';
import type { FrameForm, Reply, Task } from './protocol';

// The child process of index.ts: one task, and the end.
// Where a machine runs out of memory, this is the process to end; not every system lets it be said.
if (process.platform === 'linux') writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);

process.once('message', (task: Task) => void answer(task));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function answer(task: Task): Promise<void> {
  configureSharp(0);
  try {
    if (getNativeVariant() === undefined) return await reply({ kind: 'missing' });
    if (task.kind === 'probe') return await reply({ kind: 'found', found: await probe(task.file) });
    for await (const { index, image, alpha } of decode(task)) {
      const { bytes, form } = apart(image);
      await reply({ kind: 'frame', index, form, hasAlpha: alpha !== undefined });
      await write(bytes);
      if (alpha) await write(alpha.data);
    }
    await reply({ kind: 'done' });
  } catch (error) {
    await reply(explain(error));
  }
}

function apart(image: UprightFrame['image']): { bytes: Uint8Array; form: FrameForm } {
  if ('data' in image) {
    const { data, ...form } = image;
    return { bytes: data, form };
  }
  const { bytes, ...form } = image;
  return { bytes, form };
}

/** Who asked ends this process when everything has arrived. */
function reply(message: Reply): Promise<void> {
  return new Promise((resolve) => process.send!(message, undefined, {}, () => resolve()));
}

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

function explain(error: unknown): Reply {
  if (error instanceof VitrineError) return { kind: 'failure', failure: error.toJSON() };
  const { message, stack = message } = error as Error;
  // What the reader of containers trips over is the file's fault.
  const isFromReader = stack.includes('mediabunny');
  if (/^Unsupported codec/.test(message))
    return {
      kind: 'failure',
      failure: unsupported(`The decoder that comes along cannot read the video: ${message}`).toJSON(),
    };
  if (isFromReader)
    return { kind: 'failure', failure: broken(`The video cannot be read: ${message}`).toJSON() };
  return { kind: 'defect', defect: stack };
}
