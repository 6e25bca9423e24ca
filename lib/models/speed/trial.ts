import { SessionPool, type SessionOptions } from '../../runtime';
import { familyOf } from '../families';
import type { Registry } from '../registry';
import { graphsFor, textsFor } from '../variants';
import type { Way } from './ways';

/** Runs that count, after a first one; fewer where they take long. */
const RUNS = 4;
const ENOUGH_MS = 2000;
/**
 * How many times slower than the best way the CPU's first run may be and still be tried further: it hardly differs from
 * those after it. A card's takes seconds more, for it chooses its kernels then.
 */
const SLOWER = 2;

/**
 * Milliseconds that a network's run takes, in sessions that are gone afterwards: whoever works with the network may share
 * none of a way that loses, and two at once could fill a card.
 * @param best of the ways that were tried before; infinite for the first
 * @throws VitrineError as opening and running the network does
 */
export async function timeOf(
  registry: Registry,
  { device, entry }: Way,
  best: number,
  options: SessionOptions,
): Promise<number> {
  const { open, trial } = familyOf(entry);
  const pool = new SessionPool(options);
  try {
    const graphs = () => graphsFor(registry, entry, device);
    const { sessions } = await pool.get({ graphs, key: entry.id, device, strictDevice: true });
    const network = open(entry, sessions, textsFor(registry, entry));
    const run = async () => {
      const go = await trial!(network);
      const start = performance.now();
      await go();
      return performance.now() - start;
    };
    const first = await run();
    if (device === 'cpu' && first > SLOWER * best) return first;
    const times: number[] = [];
    for (let spent = 0; times.length < RUNS && spent < ENOUGH_MS; spent += times.at(-1)!)
      times.push(await run());
    return Math.min(...times);
  } finally {
    await pool.dispose();
  }
}
