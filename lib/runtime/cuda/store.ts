import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CUDA_PACK, type CudaPack } from './pack';

/** Lies beside the libraries, and was there before their folder got its name: where it is, all of them were whole. */
const MANIFEST_SHAPE = z.object({
  onnxruntime: z.string(),
  cuda: z.number(),
  /** Name and version of each wheel, which the libraries came from. */
  wheels: z.array(z.string()),
  /** Bytes of each library by its name. */
  files: z.record(z.number()),
});
export type Manifest = z.infer<typeof MANIFEST_SHAPE>;

/** What `vitrine gpu install` left in a home. */
export interface CudaState {
  /** `outdated`: of another version of the pack. `damaged`: a library is not as it was laid there. */
  state: 'absent' | 'ready' | 'outdated' | 'damaged';
  /** Where the libraries lie, or would. */
  folder: string;
  /** Bytes of them. */
  bytes: number;
  /** The version of onnxruntime that is there. */
  onnxruntime?: string;
  /** What is wrong, where that is so. */
  reason?: string;
}

const MANIFEST = 'manifest.json';

/** @param home VITRINE_HOME */
export function cudaFolder(home: string): string {
  return join(home, 'cuda');
}

/** Where an installation grows; nothing is ever loaded from it. */
export function stagingFolder(home: string): string {
  return join(home, 'cuda.partial');
}

/** @param folder of the libraries */
export function manifestFile(folder: string): string {
  return join(folder, MANIFEST);
}

export function manifestOf(pack: CudaPack, files: Record<string, number>): Manifest {
  return { onnxruntime: pack.onnxruntime, cuda: pack.cuda, wheels: versions(pack), files };
}

/** Looks at names and sizes only, which takes less than a millisecond. */
export function cudaState(home: string, pack: CudaPack = CUDA_PACK): CudaState {
  const folder = cudaFolder(home);
  let manifest: Manifest;
  try {
    manifest = MANIFEST_SHAPE.parse(JSON.parse(readFileSync(manifestFile(folder), 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent', folder, bytes: 0 };
    return { state: 'damaged', folder, bytes: 0, reason: `${manifestFile(folder)} cannot be read` };
  }
  const { onnxruntime, wheels, files } = manifest;
  const bytes = Object.values(files).reduce((sum, each) => sum + each, 0);
  const there = { folder, bytes, onnxruntime };
  const expected = versions(pack);
  const other = expected.find((each) => !wheels.includes(each));
  if (other || wheels.length !== expected.length) {
    return {
      state: 'outdated',
      ...there,
      reason: `this version of Vitrine needs ${other ?? 'other libraries'}`,
    };
  }
  const lost = Object.entries(files).find(([name, size]) => sizeOf(join(folder, name)) !== size);
  if (lost)
    return { state: 'damaged', ...there, reason: `${join(folder, lost[0])} is not as it was laid there` };
  return { state: 'ready', ...there };
}

function versions({ wheels }: CudaPack): string[] {
  return wheels.map(({ name, version }) => `${name} ${version}`);
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
