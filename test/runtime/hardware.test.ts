import { cpus } from 'node:os';
import { CUDA_PACK, hardwareOf } from '../../lib/runtime';

const cards = [{ name: 'NVIDIA L4' }, { name: 'Tesla T4' }];
const look = async () => ({ driver: '580.65', cards });
const ort = `onnxruntime ${CUDA_PACK.onnxruntime}`;

test.each([
  ['the first card', '', 'NVIDIA L4'],
  ['the card that the process sees', '1,0', 'Tesla T4'],
  ['a card without a number', 'GPU-8f', 'card GPU-8f'],
  ['a card that nothing tells of', '7', 'card 7'],
])('of CUDA: driver and %s', async (_what, visible, card) => {
  expect(await hardwareOf('cuda', 8, look, visible)).toBe(`${ort}, ${card}, driver 580.65`);
});

test('of the others: processor and threads', async () => {
  const [{ model }] = cpus();
  expect(await hardwareOf('cpu', 8, look)).toBe(`${ort}, ${model.trim()}, 8 threads`);
  expect(await hardwareOf('dml', 4, look)).toContain('4 threads');
});
