import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { VitrineError } from '../../contracts';
import { configureSharp } from '../configure';
import { decodeSharp } from '../decode-sharp';
import { decodeHeif } from '../heif';
import { checkSvg } from '../svg';
import type { DecodedImage } from '../types';
import type { Reply, Task } from './protocol';

// What runs in the guard's child process, see guard.ts: one picture after another, as the messages ask for.
// Where a machine runs out of memory all the same, this is the process to end; not every system lets it be said.
if (process.platform === 'linux') writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);

const watch = new Worker(join(__dirname, 'watch.js'));

process.on('message', (task: Task) => void answer(task));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function answer(task: Task): Promise<void> {
  try {
    watch.postMessage(task.maxMemory);
    configureSharp(task.threads);
    send(await decode(task));
  } catch (error) {
    if (error instanceof VitrineError) reply({ failure: error.toJSON() });
    else reply({ defect: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function decode({ file, kind, limits }: Task): Promise<DecodedImage> {
  const bytes = await readFile(file);
  if (kind === 'heif') return decodeHeif(bytes, limits);
  checkSvg(bytes, limits);
  return decodeSharp(bytes, kind, limits);
}

/** Pixels follow only when the message is out: the parent reads none before it knows how many there are. */
function send({ rgb, alpha, format, metadata }: DecodedImage): void {
  const { width, height } = rgb;
  const memory = process.memoryUsage.rss();
  reply({ width, height, hasAlpha: alpha !== undefined, format, metadata, memory }, () => {
    process.stdout.write(rgb.data);
    if (alpha) process.stdout.write(alpha.data);
  });
}

function reply(message: Reply, sent: () => void = () => undefined): void {
  process.send!(message, undefined, {}, sent);
}
