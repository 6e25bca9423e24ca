import { accessSync, chmodSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { tarball, work } from './settings';

/**
 * Makes a folder for PATH whose `npm` serves this project's tarball where n8n asks the registry for the package
 * (`npm view`, `npm pack`), and hands everything else to the real npm. n8n only installs from the public
 * registry unless it is licensed for another one, so this is how an unpublished version meets its real code.
 */
export function localNpm(packageName: string, version: string): string {
  const folder = join(work, 'npm');
  const file = join(folder, 'npm');
  const packed = `${packageName}-${version}.tgz`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh
case "$1 $2" in
  "view ${packageName}@"*) echo '"${version}"' ;;
  "pack ${packageName}@"*) cp '${tarball}' '${packed}' && echo '${packed}' ;;
  *) exec '${realNpm()}' "$@" ;;
esac
`,
  );
  chmodSync(file, 0o755);
  return folder;
}

function realNpm(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'npm');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  throw new Error('npm is not on PATH');
}
