import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test file, removed when it ends. Short, because socket paths have a limit. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vt-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
