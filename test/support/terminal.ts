import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { builtFile } from '../../lib/contracts';

/** Runs `vitrine` to its end in a folder, with a home and temp folder there. */
export function runVitrine(cwd: string, ...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, VITRINE_HOME: `${cwd}/.home`, VITRINE_TEMP_DIR: `${cwd}/.tmp` };
  return spawnSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], { cwd, env, encoding: 'utf8' });
}
