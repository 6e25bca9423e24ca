import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/contracts';

/** What the model is called in `modelsFolder`. */
export const ISNET = 'bench-isnet';

/** The ONNX file of VITRINE_TEST_ISNET; undefined, and said so, without it. */
export function isnetFile(): string | undefined {
  const model = process.env.VITRINE_TEST_ISNET ?? '';
  if (existsSync(model)) return model;
  console.log('skipped: VITRINE_TEST_ISNET names no file');
  return undefined;
}

/** That file and the pairs of VITRINE_TEST_DATA; undefined, and said so, without them. */
export function inputs(): { model: string; pairs: string } | undefined {
  const model = isnetFile();
  if (!model) return undefined;
  const pairs = join(process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data'), 'pairs');
  if (existsSync(pairs)) return { model, pairs };
  console.log('skipped: the pairs of VITRINE_TEST_DATA are not there');
  return undefined;
}

/** A link, so that the derived copy lies in the bench's own folder. */
export function copyOf(model: string, folder: string): string {
  const link = join(folder, 'isnet.onnx');
  if (!existsSync(link)) symlinkSync(model, link);
  return link;
}

/** Makes `folder` a folder of models that holds ISNet alone. */
export function modelsFolder(model: string, folder: string): string {
  copyOf(model, folder);
  const entry = {
    id: ISNET,
    name: 'ISNet',
    description: 'The weights that every subject runs.',
    family: 'saliency',
    license: 'AGPL-3.0',
    derive: true,
    files: [{ sources: ['file:isnet.onnx'] }],
    input: { size: 1024, mean: Array(3).fill(128 / 255), std: Array(3).fill(256 / 255) },
    output: { tensor: 'output' },
  };
  writeFileSync(join(folder, 'registry.local.json'), JSON.stringify({ models: [entry] }));
  return folder;
}

/** Paths of photos and their masks; with `source`, of that source only. */
export function listPairs(pairs: string, source?: string): { name: string; photo: string; mask: string }[] {
  const rows = readFileSync(join(pairs, 'manifest.csv'), 'utf8').trim().split('\n').slice(1);
  return rows
    .map((row) => row.split(','))
    .filter((row) => source === undefined || row[2] === source)
    .map(([file, mask]) => ({
      name: file,
      photo: join(pairs, 'images', file),
      mask: join(pairs, 'masks', mask),
    }));
}
