import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Color, writePackshot } from './pictures';

const COLORS: Color[] = [
  ...([
    [200, 30, 40],
    [30, 90, 200],
    [20, 140, 60],
    [220, 150, 20],
  ] as Color[]),
  ...([
    [120, 40, 160],
    [10, 120, 130],
    [180, 70, 110],
    [60, 60, 60],
  ] as Color[]),
];

/** Two classes with four sources each, in folders of every kind, and what else lies in such folders. */
export const PICTURES = [
  'Größe 42/loose.jpg',
  'Größe 42/real/one.png',
  'Größe 42/real/nested/zwei 日本.png',
  'Größe 42/synthetic/three.png',
  '0123/real/four.jpg',
  '0123/real/five.png',
  '0123/real/six.webp',
  '0123/loose/seven.png',
];

/** Writes a data set of small packshots, no two of them the same. */
export async function writeDataset(root: string, pictures: readonly string[] = PICTURES): Promise<string> {
  for (const [index, name] of pictures.entries()) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    const product = COLORS[index % COLORS.length];
    const radius = 0.24 + 0.02 * (index % 8);
    await writePackshot(root, name, { width: 120, height: 96, product, radius });
  }
  for (const other of ['.DS_Store', 'Thumbs.db', 'notes.txt'])
    writeFileSync(join(root, dirname(pictures[0]), other), 'x');
  return root;
}

/** SHA-256 of every made picture of a data set, by its name; sorted. */
export function madeOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true }).map(String).sort();
  const made = names.filter((name) => /(^|\/)aug_[^/]*$/.test(name));
  return Object.fromEntries(made.map((name) => [name, hashOf(join(root, name))]));
}

export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
