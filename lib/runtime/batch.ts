import { basename } from 'node:path';
import { cancelled, throwIfAborted, VitrineError } from '../contracts';
import type { RunDevice } from './devices';
import type { Tensor, TensorData } from './ort';
import type { Session } from './session';

/** Photos that go through a network together, at most. */
export const MAX_BATCH = 4;

/** Where batches are made. The CPU gains nothing by them, and on the other devices nobody has measured them. */
const BATCHING: readonly RunDevice[] = ['cuda'];

export interface BatchAnswer {
  answer: Tensor;
  /** What the reader should know, such as a batch that was too large for the card. */
  warnings: string[];
}

/** A photo on its way through a network. */
interface Waiting {
  feeds: Record<string, Tensor>;
  output: string;
  signal: AbortSignal;
  resolve(answer: BatchAnswer): void;
  reject(error: unknown): void;
}

/** What waits for one network. */
interface Line {
  limit: number;
  running: boolean;
  waiting: Waiting[];
}

/**
 * Runs photos that wait for the same network together, where the device and the graph's open batch size allow. A photo that finds the network idle runs at once and alone.
 */
export class Batches {
  private readonly lines = new WeakMap<Session, Line>();

  /** @param onBatching called when a network turns out to take several photos at once */
  constructor(private readonly onBatching: () => void = () => undefined) {}

  /**
   * The answer for one photo. A batch that fails is tried again photo by photo: with smaller batches from then on where
   * memory was short, and with none where the graph would not have it.
   * @param feeds a tensor for each input, by name, of batch size 1
   * @throws VitrineError as `Session.run` does, CANCELLED
   */
  async run(
    session: Session,
    feeds: Record<string, Tensor>,
    output: string,
    signal: AbortSignal,
  ): Promise<BatchAnswer> {
    throwIfAborted(signal);
    const line = this.line(session, output);
    if (!line) return { answer: (await session.run(feeds, [output]))[output], warnings: [] };
    let leave = () => undefined as void;
    try {
      return await new Promise((resolve, reject) => {
        const photo: Waiting = { feeds, output, signal, resolve, reject };
        leave = () => {
          line.waiting = line.waiting.filter((each) => each !== photo);
          reject(signal.reason instanceof VitrineError ? signal.reason : cancelled());
        };
        signal.addEventListener('abort', leave);
        line.waiting.push(photo);
        this.next(session, line);
      });
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  private line(session: Session, output: string): Line | undefined {
    if (!takesBatches(session, output)) return undefined;
    let line = this.lines.get(session);
    if (!line) {
      line = { limit: MAX_BATCH, running: false, waiting: [] };
      this.lines.set(session, line);
      this.onBatching();
    }
    return line;
  }

  private next(session: Session, line: Line): void {
    if (line.running) return;
    const batch = take(line);
    if (!batch.length) return;
    line.running = true;
    void runAll(session, line, batch).finally(() => {
      line.running = false;
      this.next(session, line);
    });
  }
}

/** Every input and the output leave their first size open, which graphs tell by a name or a negative number. */
function takesBatches({ device, inputs, outputs }: Session, output: string): boolean {
  const answer = outputs.filter(({ name }) => name === output);
  const isOpen = (size: number | string | undefined) => typeof size === 'string' || Number(size) < 0;
  return BATCHING.includes(device) && [...inputs, ...answer].every(({ shape }) => isOpen(shape[0]));
}

/**
 * The photo that waits longest, with others of its sizes. Batches are powers of two, because a card tunes itself anew
 * for every size that it has not seen.
 */
function take(line: Line): Waiting[] {
  const kinds = line.waiting.map(kindOf);
  const alike = line.waiting.filter((_, i) => kinds[i] === kinds[0]);
  const batch = alike.slice(0, 2 ** Math.floor(Math.log2(Math.min(line.limit, alike.length))));
  line.waiting = line.waiting.filter((each) => !batch.includes(each));
  return batch;
}

function kindOf({ feeds, output }: Waiting): string {
  return JSON.stringify([output, Object.entries(feeds).map(([name, { type, dims }]) => [name, type, dims])]);
}

async function runAll(session: Session, line: Line, batch: Waiting[]): Promise<void> {
  const warnings: string[] = [];
  if (batch.length > 1) {
    try {
      const answers = await together(session, batch);
      batch.forEach(({ resolve }, i) => resolve({ answer: answers[i], warnings }));
      return;
    } catch (error) {
      const { message } = error as Error;
      const isFull = error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE';
      line.limit = isFull ? batch.length >> 1 : 1;
      warnings.push(`${batch.length} photos at once failed, so they ran one by one. ${message}`);
    }
  }
  for (const { feeds, output, signal, resolve, reject } of batch) {
    if (signal.aborted) continue;
    await session
      .run(feeds, [output])
      .then((answers) => resolve({ answer: answers[output], warnings }), reject);
  }
}

/** One run for all of them. The feeds stay as they are, in case each has to run alone. */
async function together(session: Session, batch: Waiting[]): Promise<Tensor[]> {
  const [{ feeds, output }] = batch;
  const stacked = Object.keys(feeds).map((name) => [name, stack(batch.map((each) => each.feeds[name]))]);
  const answers = await session.run(Object.fromEntries(stacked), [output]);
  return split(answers[output], batch.length, session);
}

function stack(tensors: Tensor[]): Tensor {
  const [{ type, data, dims }] = tensors;
  const Values = data.constructor as new (
    length: number,
  ) => TensorData & { set(from: TensorData, at: number): void };
  const values = new Values(data.length * tensors.length);
  tensors.forEach((each, i) => values.set(each.data, i * data.length));
  return { type, data: values, dims: [tensors.length, ...dims.slice(1)] };
}

function split({ type, data, dims }: Tensor, count: number, { modelFile }: Session): Tensor[] {
  if (dims[0] !== count) throw new Error(`${basename(modelFile)} answered with [${dims.join(', ')}].`);
  const length = data.length / count;
  return Array.from({ length: count }, (_, i) => ({
    type,
    data: data.slice(i * length, (i + 1) * length) as TensorData,
    dims: [1, ...dims.slice(1)],
  }));
}
