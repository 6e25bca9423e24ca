import { cudaCards, deviceMemory, deviceStates } from '../../lib/runtime';
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
