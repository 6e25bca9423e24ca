import { Batches, type Runtime, type Session, type Tensor } from '../../lib/runtime';
import { graph } from '../models/support';
import { card, linux, nvidia, openGraph } from './support';

const sessions: Session[] = [];
async function open(runtime: Runtime, name = 'contract-rmbg-2.0', device: 'cuda' | 'cpu' = 'cuda') {
  const host = device === 'cuda' ? nvidia : linux;
  const modelFile = graph(name);
  const { session } = await openGraph({ modelFile, device, strictDevice: true, runtime, host, threads: 1 });
  sessions.push(session);
  return session;
}
afterAll(() => Promise.all(sessions.map((session) => session.release())));

/** A picture of its own for each `seed`, as the network's one input. */
function feeds(session: Session, seed: number, [height, width]: number[] = [16, 16]): Record<string, Tensor> {
  const data = Float32Array.from({ length: 3 * height * width }, (_, i) => ((i * 7 + seed * 31) % 97) / 97);
  return { [session.inputNames[0]]: { type: 'float32', data, dims: [1, 3, height, width] } };
}

const never = () => new AbortController().signal;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What each picture gives when it runs alone. */
async function alone(name: string, seeds: number[]): Promise<Tensor[]> {
  const session = await open(card().runtime, name);
  const answers: Tensor[] = [];
  const [output] = session.outputNames;
  for (const seed of seeds) answers.push((await session.run(feeds(session, seed), [output]))[output]);
  return answers;
}

const numbers = ({ data }: Tensor) => Array.from(data as Float32Array | Uint16Array);

function expectSame(got: Tensor, wanted: Tensor): void {
  expect([got.type, got.dims]).toEqual([wanted.type, wanted.dims]);
  const other = numbers(got);
  const worst = Math.max(...numbers(wanted).map((value, i) => Math.abs(value - other[i])));
  expect(worst).toBeLessThan(1e-5);
}

describe('a card and a graph with an open batch size', () => {
  test('the first photo runs at once, those that come meanwhile together, each with its own answer', async () => {
    const { runtime, sizes } = card();
    const session = await open(runtime);
    let told = 0;
    const batches = new Batches(() => told++);
    const answers = await Promise.all(
      range(10).map((seed) => batches.run(session, feeds(session, seed), 'alphas', never())),
    );
    expect(sizes).toEqual([1, 4, 4, 1]);
    expect(told).toBe(1);
    const wanted = await alone('contract-rmbg-2.0', range(10));
    answers.forEach(({ answer, warnings }, i) => {
      expect(warnings).toEqual([]);
      expectSame(answer, wanted[i]);
    });
    expect(numbers(answers[1].answer)).not.toEqual(numbers(answers[2].answer));
  });

  test('half floats stay half floats', async () => {
    const { runtime, sizes } = card();
    const session = await open(runtime, 'contract-birefnet-cuda');
    const batches = new Batches();
    const half = (value: number): Record<string, Tensor> => ({
      IMAGE: { type: 'float16', data: new Uint16Array(768).fill(value), dims: [1, 3, 16, 16] },
    });
    // 0.5, 1, 2 as float16.
    const values = [0x3800, 0x3c00, 0x4000];
    const together = await Promise.all(
      values.map((value) => batches.run(session, half(value), 'ALPHA', never())),
    );
    expect(sizes).toEqual([1, 2]);
    for (const [i, value] of values.entries()) {
      const { ALPHA: wanted } = await session.run(half(value), ['ALPHA']);
      expect(together[i].answer).toMatchObject({ type: 'float16', dims: wanted.dims });
      expect(numbers(together[i].answer)).toEqual(numbers(wanted));
    }
  });

  test('photos of other sizes wait for a run of their own', async () => {
    const { runtime, sizes } = card();
    const session = await open(runtime, 'contract-modnet');
    const batches = new Batches();
    const shapes = [32, 32, 64, 32, 64].map((width) => [32, width]);
    const answers = await Promise.all(
      shapes.map((shape, i) => batches.run(session, feeds(session, i, shape), 'output', never())),
    );
    expect(sizes).toEqual([1, 2, 2]);
    expect(answers.map(({ answer }) => answer.dims)).toEqual(shapes.map((shape) => [1, 1, ...shape]));
  });

  test('who goes away while waiting leaves at once, and the others never notice', async () => {
    const { runtime, sizes } = card();
    const session = await open(runtime);
    const batches = new Batches();
    const controller = new AbortController();
    const jobs = range(4).map((seed) =>
      batches.run(session, feeds(session, seed), 'alphas', seed === 2 ? controller.signal : never()),
    );
    await Promise.resolve();
    controller.abort();
    await expect(jobs[2]).rejects.toMatchObject({ code: 'CANCELLED' });
    await Promise.all([jobs[0], jobs[1], jobs[3]]);
    expect(sizes).toEqual([1, 2]);
    await expect(batches.run(session, feeds(session, 0), 'alphas', controller.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('a batch that fails', () => {
  test('for lack of memory: one by one, said in each result, and smaller from then on', async () => {
    const { runtime, sizes } = card((size) => (size > 2 ? 'CUDA failure 2: out of memory' : undefined));
    const session = await open(runtime);
    const batches = new Batches();
    const run = (seed: number) => batches.run(session, feeds(session, seed), 'alphas', never());
    const answers = await Promise.all(range(8).map(run));
    expect(sizes).toEqual([1, 4, 1, 1, 1, 1, 2, 1]);
    const wanted = await alone('contract-rmbg-2.0', range(8));
    answers.forEach(({ answer }, i) => expectSame(answer, wanted[i]));
    expect(answers.map(({ warnings }) => warnings.length)).toEqual([0, 1, 1, 1, 1, 0, 0, 0]);
    expect(answers[1].warnings[0]).toMatch(
      /^4 photos at once failed, so they ran one by one\. The memory of cuda is used up by contract-rmbg-2\.0\.onnx/,
    );
  });

  test('of a graph that only pretends: one by one from then on', async () => {
    const { runtime, sizes } = card((size) => (size > 1 ? 'reshape: input cannot be reshaped' : undefined));
    const session = await open(runtime);
    const batches = new Batches();
    const run = (seed: number) => batches.run(session, feeds(session, seed), 'alphas', never());
    const answers = await Promise.all(range(6).map(run));
    expect(sizes).toEqual([1, 4, 1, 1, 1, 1, 1]);
    expect(answers[1].warnings).toEqual([expect.stringContaining('cannot be reshaped')]);
    expect(answers[5].warnings).toEqual([]);
  });

  test('when each fails alone as well, each is told why', async () => {
    const { runtime } = card(() => 'CUDA failure 2: out of memory');
    const session = await open(runtime);
    const batches = new Batches();
    const jobs = range(3).map((seed) => batches.run(session, feeds(session, seed), 'alphas', never()));
    for (const outcome of await Promise.allSettled(jobs)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DEVICE_UNAVAILABLE' } });
    }
  });
});

test.each([
  ['the CPU, where nothing is gained', 'contract-rmbg-2.0', 'cpu'],
  ['a graph of one photo', 'logits', 'cuda'],
] as const)('no batches on %s', async (_, name, device) => {
  const { runtime, sizes } = card();
  const session = await open(runtime, name, device);
  const onBatching = jest.fn();
  const batches = new Batches(onBatching);
  const side = name === 'logits' ? 32 : 16;
  await Promise.all(
    range(5).map((seed) =>
      batches.run(session, feeds(session, seed, [side, side]), session.outputNames[0], never()),
    ),
  );
  expect(sizes).toEqual([1, 1, 1, 1, 1]);
  expect(onBatching).not.toHaveBeenCalled();
});
