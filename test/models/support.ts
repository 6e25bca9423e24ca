import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RgbImage } from '../../lib/contracts';
import type { NetworkEntry } from '../../lib/models';
import expectedNumbers from '../fixtures/models/expected.json';

/** Graphs and numbers made by test/reference/tiny_models.py. */
export const fixtures = join(__dirname, '..', 'fixtures', 'models');
export const expectedOf = expectedNumbers;
export const graph = (name: string): string => join(fixtures, `${name}.onnx`);

/** The reference script's picture: every byte value, different in each direction and channel. */
export function picture(size: number): RgbImage {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < 3; c++) data[i++] = (x * 7 + y * 13 + c * 29 + x * y) % 256;
    }
  }
  return { data, width: size, height: size };
}

/** `count` x `count` values at the middles of equal cells, as the reference scripts take them. */
export function grid(values: ArrayLike<number>, width: number, height: number, count: number): number[] {
  const at = (i: number, size: number) => Math.floor(((2 * i + 1) * size) / (2 * count));
  return Array.from({ length: count * count }, (_, i) => {
    const [x, y] = [at(i % count, width), at(Math.floor(i / count), height)];
    return values[y * width + x];
  });
}

const folders: string[] = [];

/** A models folder of the test's own, with a registry.local.json of these entries (or of this text). */
export function modelsFolder(entries?: unknown[] | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-models-'));
  folders.push(folder);
  if (entries !== undefined) {
    const text = typeof entries === 'string' ? entries : JSON.stringify({ models: entries });
    writeFileSync(join(folder, 'registry.local.json'), text);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** A valid entry for one of the fixture graphs, with some fields changed. */
export function entry(
  id: keyof typeof GRAPHS,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id,
    name: `Tiny ${id}`,
    description: 'A network of the tests.',
    family: 'saliency',
    license: 'MIT',
    files: [{ sources: [`file:${graph(id)}`] }],
    ...GRAPHS[id],
    ...changes,
  };
}

/** What `entry` makes, as the registry reads it. */
export type SaliencyEntry = NetworkEntry & { family: 'saliency' };

const GRAPHS = {
  logits: {
    input: { size: 32, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    output: { tensor: 'logits', activation: 'sigmoid' },
  },
  outputs: {
    input: { size: 24, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] },
    output: { tensor: 0, normalise: 'minmax' },
  },
  bright: {
    input: { size: 64, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] },
    output: { activation: 'sigmoid' },
  },
};
