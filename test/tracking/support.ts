import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { RgbImage } from '../../lib/contracts';
import { Networks } from '../../lib/models';
import type { ClipFrames, ObjectPrompt, TrackedFrame, TrackOptions } from '../../lib/tracking';
import { trackObjects } from '../../lib/tracking';
import type { TrackingNetwork } from '../../lib/models';
import { fixtures, modelsFolder } from '../models/support';
import { linux } from '../runtime/support';

/** What the tiny network of test/reference/sam2.py was made for: frames of 128 x 128 pixels. */
export const SIDE = 128;
export const FRAMES = 20;
/** Frames in which something stands before the blob. */
export const OCCLUDED = [9, 10, 11, 12];

const ROLES = ['vision_encoder', 'mask_decoder', 'memory_attention', 'memory_encoder'];

let folder: string | undefined;

/** A copy, because the changed copies of graphs are made beside them. */
function source(path: string) {
  if (!folder) {
    folder = modelsFolder();
    cpSync(join(fixtures, 'tiny-sam2'), folder, { recursive: true });
  }
  return { sources: [`file:${join(folder, path)}`] };
}

/** An entry for tiny SAM 2.1 with a bank of one size, or one that grows. */
export function sam2(bank: 'fixed' | 'dynamic', changes: object = {}): Record<string, unknown> {
  const prefix = bank === 'fixed' ? '' : 'dynamic_';
  const roles = bank === 'fixed' ? [...ROLES, 'pointer_tpos'] : ROLES;
  return {
    id: `tiny-sam2-${bank}`,
    name: 'Tiny SAM 2.1',
    description: 'A network of the tests.',
    license: 'MIT',
    family: 'sam2',
    bank,
    files: [
      ...roles.map((role) => ({ role, ...source(`${prefix}${role}.onnx`) })),
      { role: 'constants', ...source(`${prefix}constants.json`) },
      source('weights.bin'),
    ],
    input: { size: SIDE, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ...changes,
  };
}

/** A blob that goes from left to right, covered for a while; test/reference/sam2.py makes the same. */
export function clip(count = FRAMES): ClipFrames {
  return { count, read: async (index) => blobAt(20 + 5 * index, OCCLUDED.includes(index)) };
}

function blobAt(centre: number, covered: boolean): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at += 3) {
      const isBlob = (x - centre) ** 2 + (y - 64) ** 2 < 24 ** 2;
      const isCover = covered && Math.abs(x - centre) < 40;
      const ground = isBlob ? [230, 60, 40] : [40 + (x >> 1), 60 + (y >> 1), 90];
      data.set(isCover ? [250, 250, 250] : ground, at);
    }
  }
  return { data, width: SIDE, height: SIDE };
}

const made: Networks[] = [];

/** A network of an entry, until `dispose`. */
export async function openTracker(entry: object, changes: object = {}): Promise<TrackingNetwork> {
  return (await open(entry, 'tracking', changes)).network as TrackingNetwork;
}

export async function open(entry: object, task: 'tracking' | 'detection', changes: object = {}) {
  const networks = new Networks({ modelsDir: modelsFolder([entry]), threads: 1, host: linux, ...changes });
  made.push(networks);
  const { signal } = new AbortController();
  return networks.open({ id: (entry as { id: string }).id, task, device: 'cpu', strictDevice: true, signal });
}

export async function dispose(): Promise<void> {
  for (const each of made.splice(0)) await each.dispose();
}

/** All frames of a clip, in its order. */
export async function track(
  network: TrackingNetwork,
  frames: ClipFrames,
  prompts: ObjectPrompt[],
  options: Partial<TrackOptions> = {},
): Promise<TrackedFrame[]> {
  const found: TrackedFrame[] = [];
  const { signal } = new AbortController();
  for await (const frame of trackObjects(network, frames, prompts, { signal, ...options }))
    found[frame.index] = frame;
  return found;
}
