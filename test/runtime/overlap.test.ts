import { setTimeout as sleep } from 'node:timers/promises';
import { ThreadRuntime } from '../../lib/runtime';
import { graph } from '../models/support';
import { openGraph } from './support';

test('while a network runs in its thread, the worker goes on: timers fire and other work is done', async () => {
  const { session } = await openGraph({
    modelFile: graph('contract-modnet'),
    device: 'cpu',
    threads: 1,
    runtime: new ThreadRuntime(),
  });
  const side = 2048;
  const feeds = () => ({
    input: {
      type: 'float32' as const,
      data: new Float32Array(3 * side * side),
      dims: [1, 3, side, side],
    },
  });
  let ticks = 0;
  let running = true;
  const run = Promise.all([1, 2, 3].map(() => session.run(feeds(), ['output']))).finally(
    () => (running = false),
  );
  while (running) {
    await sleep(1);
    ticks++;
  }
  await run;
  expect(ticks).toBeGreaterThan(10);
  await session.release();
});
