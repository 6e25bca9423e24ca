import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Repository root. */
export const root = join(__dirname, '../../..');

/** Version of the pack under test; its engine's state file carries it. */
export const packVersion = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
).version;

/** The run's own folder; run.js makes and removes it. */
export const work = required('VITRINE_E2E_WORK');

/** The Node that runs n8n, and n8n's start script. */
export const nodeBinary = required('VITRINE_E2E_NODE');
export const n8nScript = required('VITRINE_E2E_N8N');

/** The tarball that users would download, and the user folder it was installed into. */
export const tarball = join(work, 'pack.tgz');
export const userFolder = join(work, 'user');
export const nodesFolder = join(userFolder, '.n8n/nodes');

/** Process inspection and signals by role need /proc. */
export const hasProc = existsSync('/proc/self/maps');

/** Environment for everything that the suite starts with n8n's Node; its `node` and npm come first on PATH. */
export function baseEnv(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^(VITRINE|JEST)_/.test(name)) delete env[name];
  return { ...env, PATH: `${dirname(nodeBinary)}:${env.PATH}`, NODE_ENV: 'production' };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the suite with npm run test:e2e`);
  return value;
}
