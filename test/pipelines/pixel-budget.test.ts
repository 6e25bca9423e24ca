import { PixelBudget } from '../../lib/pipelines/pixel-budget';

const signal = new AbortController().signal;

/** A job that stays until it is told to go. */
function job(budget: PixelBudget, at = signal) {
  let leave!: () => void;
  let measured!: (pixels: number) => void;
  const state = { inside: false };
  const done = budget.use(at, async (tell) => {
    state.inside = true;
    measured = tell;
    await new Promise<void>((resolve) => (leave = resolve));
  });
  return { state, done, leave: () => leave(), measured: (pixels: number) => measured(pixels) };
}
const settle = () => new Promise(setImmediate);

test('two photos of unknown size at a time, small ones let others in, large ones do not', async () => {
  const budget = new PixelBudget(100);
  const jobs = Array.from({ length: 5 }, () => job(budget));
  const inside = async () => {
    await settle();
    return jobs.map(({ state }) => Number(state.inside)).join('');
  };
  expect(await inside()).toBe('11000');
  jobs[0].measured(40);
  expect(await inside()).toBe('11100');
  jobs[1].measured(70);
  expect(await inside()).toBe('11100');
  jobs[2].measured(10);
  expect(await inside()).toBe('11100');
  jobs[1].leave();
  expect(await inside()).toBe('11111');
  jobs.forEach(({ leave }) => leave());
  await Promise.all(jobs.map(({ done }) => done));
  const last = job(budget);
  expect(last.state.inside).toBe(true);
  last.leave();
  await last.done;
});

test('a job that fails leaves its place, and who is cancelled at the door never comes in', async () => {
  const budget = new PixelBudget(100);
  const controller = new AbortController();
  const inside = [job(budget), job(budget)];
  const waiting = job(budget, controller.signal);
  controller.abort();
  await expect(waiting.done).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(waiting.state.inside).toBe(false);
  inside.forEach(({ leave }) => leave());
  await Promise.all(inside.map(({ done }) => done));
  await expect(
    budget.use(signal, (measured) => {
      measured(1000);
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  await budget.use(signal, async () => undefined);
});
