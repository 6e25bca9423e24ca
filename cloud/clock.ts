/**
 * As lib/engine/client/clock.ts, without timers of Node, which verified packs may not use.
 * @throws the signal's reason when it is aborted before
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const over = AbortSignal.timeout(Math.ceil(ms));
  const either = signal ? AbortSignal.any([over, signal]) : over;
  await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
  signal?.throwIfAborted();
}
