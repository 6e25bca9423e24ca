import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package's package.json, whether we run from dist or from the sources. */
export const packageRoot = findRoot(__dirname);

/** Version of the pack, e.g. `0.1.0`. */
export const packVersion: string = readManifest(packageRoot).version;

/** The built file for a path below dist, e.g. `lib/cli/main.js`; child processes always run built files. */
export function builtFile(path: string): string {
  return join(packageRoot, 'dist', path);
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && readManifest(folder).name === 'n8n-nodes-vitrine')
      return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json of n8n-nodes-vitrine above ${start}`);
  }
}

function readManifest(folder: string): { name: string; version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
