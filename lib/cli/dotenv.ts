import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { CONFIG_VARIABLES, invalid } from '../contracts';

/**
 * Takes settings from `.env` in the working folder, where there is one. What the environment has already wins, and
 * other names than those of our settings are left alone: a file may not slip options to Node itself.
 * @throws VitrineError INVALID_PARAMETER when the file is there and cannot be read
 */
export function readDotEnv(env: NodeJS.ProcessEnv = process.env, file = '.env'): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw invalid('.env', `a file that can be read (${code})`, file, 'Correct its rights, or take it away.');
  }
  const settings = parseEnv(text);
  for (const name of CONFIG_VARIABLES) {
    if (!(name in env) && settings[name] !== undefined) env[name] = settings[name];
  }
}
