import { dirname } from 'node:path';
import type { OutputFormat } from '../contracts';
import { say } from './output';
import { type Outputs, makeOutputFolder } from './outputs';
import type { JobTools } from './workers';

const MAKER = 'the preview';

/**
 * Makes sure before any work that the contact sheet may be written.
 * @returns undefined when one is there and stays
 * @throws as `Outputs.claim`
 */
export async function claimPreview(outputs: Outputs, target: string): Promise<string | undefined> {
  await makeOutputFolder(dirname(target));
  const [open] = await outputs.claim([target], MAKER);
  if (open === undefined) say(`${target} is there already, skipped`);
  return open;
}

/** Draws each photo beside its result, on one sheet. */
export async function writePreview(
  { pool, workspace, signal }: JobTools,
  outputs: Outputs,
  pairs: { before: string; after: string }[],
  { target, format }: { target: string; format: OutputFormat },
): Promise<void> {
  await workspace.withFolder(async (folder) => {
    const { file } = await pool.run('preview', { pairs, format }, { folder, signal });
    const photos = pairs.map(({ before }) => before);
    await outputs.deliver([{ file, target }], MAKER, photos);
  });
  say(`Preview: ${target}`);
}
