import { VitrineError, listedBytes } from '../contracts';
import { type NetworkEntry, type Registry, devicesOf, entryToFetch } from '../models';
import { type RunDevice, freeMemoryMb } from '../runtime';
import type { Size } from './size';

/** Megabytes of a device that are free; undefined where nothing tells. */
export type FreeMemory = (device: RunDevice) => Promise<number | undefined>;

type Generator = NetworkEntry & { task: 'diffusion' };

/** What onnxruntime takes beside the weights' own size. */
const OVERHEAD = 1.1;
/** The CPU computes in float32: weights in half precision are unfolded. */
const UNFOLDED = 2;
/**
 * Megabytes that the decoder takes for a megapixel: its last stage holds 256 channels of float32 at the picture's full
 * size, and four such tensors at a time.
 */
const DECODING_MB = 4 * 256 * 4;

/** Megabytes that a generator's weights take on a device. */
export function weightsMb(entry: NetworkEntry, device: RunDevice): number {
  const times = device === 'cpu' && entry.precision === 'fp16' ? UNFOLDED : 1;
  return (OVERHEAD * times * listedBytes(entry)) / 1e6;
}

/** Megabytes that drawing a picture of its own size takes beside the weights. */
export function drawingMb({ workingMb, size }: Generator): number {
  return (workingMb * size ** 2) / 1e6;
}

/** Megabytes that decoding a whole picture takes. */
export function decodingMb({ width, height }: Size): number {
  return (DECODING_MB * width * height) / 1e6;
}

interface Question {
  registry: Registry;
  entry: Generator;
  free: FreeMemory;
  /** Its weights are in memory already. */
  isLoaded(device: RunDevice): boolean;
}

/**
 * Looks before anything is loaded or fetched whether a device has room for a generator. A device that tells nothing of
 * its memory is tried.
 * @throws VitrineError DEVICE_UNAVAILABLE, saying what would fit
 */
export async function refuseWhatDoesNotFit(question: Question, device: RunDevice): Promise<void> {
  const { registry, entry, free, isLoaded } = question;
  const available = await free(device);
  if (available === undefined) return;
  const running = entryToFetch(registry, entry, device) as Generator;
  const needed = (isLoaded(device) ? 0 : weightsMb(running, device)) + drawingMb(running);
  if (needed <= available) return;
  throw new VitrineError({
    code: 'DEVICE_UNAVAILABLE',
    message: `${entry.id} needs about ${gigabytes(needed)} of memory on ${device}, and ${gigabytes(available)} are free`,
    hint: `${await whatFits(question)} End other programs that use the memory, or take an engine on a larger machine.`,
  });
}

/** The other generators that some device has room for, in a sentence. */
async function whatFits({ registry, entry, free }: Question): Promise<string> {
  const fitting: string[] = [];
  for (const other of registry.models) {
    if (other.task !== 'diffusion' || other.id === entry.id) continue;
    for (const device of devicesOf(other)) {
      const running = entryToFetch(registry, other, device) as Generator;
      const available = await free(device);
      const needed = weightsMb(running, device) + drawingMb(running);
      if (available === undefined || needed > available) continue;
      fitting.push(`${other.id} (about ${gigabytes(needed)} on ${device}, ${other.license})`);
      break;
    }
  }
  return fitting.length ? `This would fit: ${fitting.join(', ')}.` : 'No other generator would fit either.';
}

function gigabytes(megabytes: number): string {
  return `${(megabytes / 1000).toFixed(1)} GB`;
}

/** This machine. */
export const machineMemory: FreeMemory = (device) => freeMemoryMb(device);
