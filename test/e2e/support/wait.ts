import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * Asks again and again until there is an answer.
 * @param attempt returns undefined or false for "not yet"; what it throws ends the wait
 * @param seconds when to give up
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 30,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await attempt();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`Waited ${seconds} s for: ${what}`);
    await sleep(100);
  }
}
