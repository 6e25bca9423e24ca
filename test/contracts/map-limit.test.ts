import { mapLimit } from '../../lib/contracts';

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('mapLimit', () => {
  it('keeps the order of the items, whichever ends first', async () => {
    const results = await mapLimit([30, 1, 15, 1], 4, undefined, async (ms, index) => {
      await later(ms);
      return `${index}:${ms}`;
    });
    expect(results).toEqual(['0:30', '1:1', '2:15', '3:1']);
  });

  it.each([1, 3, 32])('runs no more than %i at once, and that many when there are enough', async (limit) => {
    let running = 0;
    let most = 0;
    await mapLimit(Array.from({ length: 40 }), limit, undefined, async () => {
      most = Math.max(most, ++running);
      await later(2);
      running--;
    });
    expect(most).toBe(limit);
  });

  it('stops the others and starts no more when one fails, and throws its error', async () => {
    const started: number[] = [];
    const stopped: number[] = [];
    const run = mapLimit([0, 1, 2, 3, 4], 2, undefined, async (item, _index, signal) => {
      started.push(item);
      if (item === 1) throw new Error('broken');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped.push(item);
      signal.throwIfAborted();
    });
    await expect(run).rejects.toThrow('broken');
    expect(started).toEqual([0, 1]);
    expect(stopped).toEqual([0]);
  });

  it('passes a cancellation from outside on and starts no more', async () => {
    const outside = new AbortController();
    const started: number[] = [];
    const run = mapLimit([0, 1, 2], 1, outside.signal, async (item, _index, signal) => {
      started.push(item);
      outside.abort(new Error('cancelled by hand'));
      signal.throwIfAborted();
    });
    await expect(run).rejects.toThrow('cancelled by hand');
    expect(started).toEqual([0]);
  });

  it('rejects even when the work that was under way ignored the cancellation', async () => {
    const outside = new AbortController();
    const run = mapLimit([0, 1], 1, outside.signal, async () => outside.abort(new Error('stop')));
    await expect(run).rejects.toThrow('stop');
  });
});
