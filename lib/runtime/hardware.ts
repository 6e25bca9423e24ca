import { cpus } from 'node:os';
import { CUDA_PACK, lookForNvidia } from './cuda';
import type { RunDevice } from './devices';

/**
 * What the speed of a network depends on beside its files, in words: where they are the same, so is the speed. Of
 * graphics cards only NVIDIA's tell their names.
 * @param threads for one operation on the CPU
 * @param look how NVIDIA's driver and cards are looked for
 * @param visible CUDA_VISIBLE_DEVICES of this process
 */
export async function hardwareOf(
  device: RunDevice,
  threads: number,
  look: typeof lookForNvidia = lookForNvidia,
  visible: string = process.env.CUDA_VISIBLE_DEVICES ?? '',
): Promise<string> {
  const runtime = `onnxruntime ${CUDA_PACK.onnxruntime}`;
  if (device !== 'cuda') {
    const processor = cpus()[0]?.model.trim() ?? process.arch;
    return `${runtime}, ${processor}, ${threads} threads`;
  }
  const { driver, cards } = await look();
  const first = visible.split(',')[0].trim() || '0';
  return `${runtime}, ${cards[Number(first)]?.name ?? `card ${first}`}, driver ${driver ?? 'unknown'}`;
}
