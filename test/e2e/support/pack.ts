import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baseEnv, nodesFolder, root, tarball, work } from './settings';

const run = promisify(execFile);

/** What `npm publish` would upload. */
export async function packProject(): Promise<void> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], {
    cwd: root,
    env: baseEnv(),
  });
  const [{ filename }] = JSON.parse(stdout) as { filename: string }[];
  renameSync(join(work, filename), tarball);
}

/** The documented way: npm in n8n's nodes folder. */
export async function installAsUser(): Promise<void> {
  mkdirSync(nodesFolder, { recursive: true });
  // As n8n makes it: without one npm installs into the next folder above that has one.
  writeFileSync(join(nodesFolder, 'package.json'), '{ "name": "installed-nodes", "private": true }\n');
  await run(
    'npm',
    ['install', tarball, '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'],
    {
      cwd: nodesFolder,
      env: baseEnv(),
    },
  );
}
