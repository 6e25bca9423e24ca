import { cudaCards, deviceMemory, deviceStates, freeMemoryMb, memoryLimitMb } from '../../lib/runtime';
import { CUDA_LIBRARY, host, linux, nvidia } from './support';

describe('cards for CUDA', () => {
  const two = host('linux', 'x64', ['/dev/nvidia0', '/dev/nvidia1', '/dev/nvidiactl', CUDA_LIBRARY]);

  test.each([
    ['none without a card', linux, undefined, []],
    ['none without the library', host('linux', 'x64', ['/dev/nvidia0', '/dev/nvidia1']), undefined, []],
    ['each that the system shows', two, undefined, ['0', '1']],
    ['those that CUDA_VISIBLE_DEVICES leaves', two, '1', ['1']],
    ['by their names as well', two, 'GPU-3f, GPU-7a', ['GPU-3f', 'GPU-7a']],
    ['none when it hides all', two, '', []],
    ['none when it says -1', two, '-1', []],
  ])('%s', (_what, machine, visible, cards) => {
    expect(cudaCards(machine, visible)).toEqual(cards);
  });
});

test('a card that cannot be used is told from none', () => {
  const of = (machine: typeof linux) => deviceStates(machine).find(({ device }) => device === 'cuda')!;
  expect(of(linux)).toMatchObject({ present: false, missing: expect.any(String) });
  expect(of(host('linux', 'x64', ['/dev/nvidia0']))).toMatchObject({
    present: true,
    missing: expect.stringContaining('libonnxruntime_providers_cuda.so'),
  });
  expect(of(nvidia)).toMatchObject({ present: true, missing: undefined });
});

describe('memory of a card', () => {
  test('is what the driver says of this process', async () => {
    const say = async () => `1, 100\n${process.pid}, 812\n${process.pid}, 30\n`;
    expect(await deviceMemory('cuda', say)).toBe(842);
  });

  test('is unknown where nothing tells', async () => {
    expect(await deviceMemory('cpu', async () => `${process.pid}, 5`)).toBeUndefined();
    expect(await deviceMemory('cuda', async () => '')).toBeUndefined();
    expect(await deviceMemory('cuda', async () => `${process.pid}, [N/A]`)).toBeUndefined();
    expect(await deviceMemory('cuda', () => Promise.reject(new Error('ENOENT')))).toBeUndefined();
  });
});

describe('free memory', () => {
  afterEach(() => void delete process.env.CUDA_VISIBLE_DEVICES);

  test('of the machine is less than all of it', async () => {
    const free = (await freeMemoryMb('cpu'))!;
    expect(free).toBeGreaterThan(0);
    expect(free).toBeLessThan(memoryLimitMb());
  });

  test('of a card is what the driver says of the first one that is seen, in MB', async () => {
    const asked: string[][] = [];
    const say = async (_tool: string, args: string[]) => {
      asked.push(args);
      return '11000\n500\n';
    };
    expect(await freeMemoryMb('cuda', say)).toBeCloseTo(11534, 0);
    process.env.CUDA_VISIBLE_DEVICES = '1,0';
    await freeMemoryMb('cuda', say);
    expect(asked.map((args) => args.slice(0, 2))).toEqual([
      ['--query-gpu=memory.free', '--format=csv,noheader,nounits'],
      ['-i', '1'],
    ]);
  });

  test('is unknown where nothing tells', async () => {
    expect(await freeMemoryMb('dml')).toBeUndefined();
    expect(await freeMemoryMb('cuda', async () => '[N/A]')).toBeUndefined();
    expect(await freeMemoryMb('cuda', () => Promise.reject(new Error('ENOENT')))).toBeUndefined();
  });
});
