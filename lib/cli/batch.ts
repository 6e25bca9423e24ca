import { SingleBar } from 'cli-progress';
import { VitrineError, mapLimit } from '../contracts';
import { EXIT, forTerminal, printError, printJson, say, sayDefect } from './output';

interface BatchOptions<Item, Result> {
  items: Item[];
  /** How an item is named in reports. */
  name(item: Item): string;
  /** @param onFraction to be told how far this item is, 0..1, and in words where one takes minutes */
  work(item: Item, onFraction: (fraction: number, message?: string) => void): Promise<Result>;
  /** What is said of a finished item when it is not JSON, line by line. */
  describe(result: Result): string[];
  json: boolean;
  /** Items in work at a time. */
  atOnce: number;
  /** Once aborted, no further item is begun. */
  signal: AbortSignal;
}

/**
 * Works through a batch in which a bad item fails alone, with a progress bar on a terminal.
 * @returns the results of the items that went well, and the process's exit code
 * @throws VitrineError CANCELLED once the signal is aborted; what was done is told of before
 */
export async function runBatch<Item, Result extends object>(
  options: BatchOptions<Item, Result>,
): Promise<{ results: Result[]; exitCode: number }> {
  const { items, name, work, describe, json, atOnce, signal } = options;
  const bar = process.stderr.isTTY ? newBar() : undefined;
  bar?.start(items.length, 0, { file: '', done: 0 });
  const underWay = new Map<Item, number>();
  const draw = (item: Item, message?: string) => {
    const done = results.length + failures.length;
    const sum = [...underWay.values()].reduce((total, part) => total + part, done);
    const file = message ? `${name(item)}: ${message}` : name(item);
    bar?.update(sum, { file: forTerminal(file), done });
  };
  const failures: { item: Item; error: VitrineError }[] = [];
  const results: Result[] = [];
  try {
    await mapLimit(items, atOnce, signal, async (item) => {
      try {
        const result = await work(item, (fraction, message) => {
          underWay.set(item, fraction);
          draw(item, message);
        });
        results.push(result);
        if (json) printJson(result);
        else if (!bar) describe(result).forEach(say);
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        const error = VitrineError.from(thrown);
        failures.push({ item, error });
        sayDefect(error);
        if (json) printJson({ input: name(item), error });
        else if (!bar) printError(error, name(item));
      }
      underWay.delete(item);
      draw(item);
    });
  } finally {
    bar?.stop();
    if (bar && !json) {
      results.forEach((result) => describe(result).forEach(say));
      for (const { item, error } of failures) printError(error, name(item));
    }
  }
  if (items.length > 1) say(`${results.length} done, ${failures.length} failed`);
  return {
    results,
    exitCode: !failures.length ? EXIT.done : results.length ? EXIT.partlyFailed : EXIT.failed,
  };
}

function newBar(): SingleBar {
  return new SingleBar({
    format: '{bar} {percentage}% {done}/{total} {eta_formatted} {file}',
    hideCursor: true,
    stream: process.stderr,
    clearOnComplete: true,
  });
}
