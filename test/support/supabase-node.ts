import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../lib/contracts';
// eslint-disable-next-line @typescript-eslint/no-require-imports -- plain scripts are CommonJS
const { ensureNode, unsupported } = require('../e2e/install') as {
  ensureNode(folder: string, env: NodeJS.ProcessEnv): string;
  unsupported(): string | undefined;
};

/** Why Supabase's backend cannot run here; blank where it can. For the title of what is skipped. */
export const supabaseNote = unsupported() ? ` (skipped: ${unsupported()})` : '';

/**
 * A Node that Supabase's backend runs on: 22 has its database in it. Where this one is older, that of the end-to-end
 * suite, which is installed once.
 */
export function supabaseNode(): string {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const cache = resolve(process.env.VITRINE_E2E_DIR || join(packageRoot, '.e2e'));
  const folder = join(cache, 'node24');
  if (!existsSync(join(folder, 'package.json'))) installInto(cache, folder);
  return ensureNode(folder, withoutNpm());
}

/** In one step, for other test files may be at it as well. */
function installInto(cache: string, folder: string): void {
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(join(cache, 'node24-'));
  try {
    ensureNode(own, withoutNpm());
    if (!existsSync(folder)) renameSync(own, folder);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Without the settings of the npm that runs these tests. */
function withoutNpm(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_(ignore_scripts|(local_|global_)?prefix|omit)|package|lifecycle)/i.test(name),
  );
  return Object.fromEntries(kept);
}
