/**
 * Runs `work` for every item, at most `limit` at once, and answers in the order of the items.
 * The first rejection aborts the signal handed to the others, waits for them to settle, and is thrown.
 *
 * @param limit items at once, at least 1
 * @param signal aborts the whole run; no further item is started
 */
export async function mapLimit<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const stop = new AbortController();
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const failures: unknown[] = [];
  let next = 0;

  const lane = async () => {
    while (next < items.length && !combined.aborted) {
      const index = next++;
      try {
        results[index] = await work(items[index], index, combined);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));

  if (failures.length) throw failures[0];
  signal?.throwIfAborted();
  return results;
}
