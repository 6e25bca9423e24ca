import { VitrineError, isWebAddress } from '../../lib/contracts';
import type { JobSource } from '../../lib/engine/client';
import { stemOf, stemOfUrl } from './files';
import type { ItemRun } from './operation';

/**
 * The file of a path on the engine's machine, or of an address in its place.
 * @throws VitrineError FORBIDDEN where n8n does not let its nodes read that file
 */
export async function enginePath(run: ItemRun, path: string): Promise<{ source: JobSource; stem: string }> {
  if (isWebAddress(path)) return { source: { url: path }, stem: stemOfUrl(path) };
  return { source: { path: await engineFolder(run, path) }, stem: stemOf(path) };
}

/**
 * A path on the engine's machine, as it is, when n8n has nothing against it.
 * @throws VitrineError FORBIDDEN where n8n does not let its nodes read there
 */
export async function engineFolder({ context, value }: ItemRun, path: string): Promise<string> {
  // A remote engine has folders of its own.
  if (value('engineLocation') !== 'remote') await refuseBlocked(context, path);
  return path;
}

function ifGone(path: string): (error: NodeJS.ErrnoException) => string {
  return (error) => {
    if (error.code === 'ENOENT') return path;
    throw error;
  };
}

async function refuseBlocked({ helpers }: ItemRun['context'], path: string): Promise<void> {
  // n8n versions before 2 have no such helper, and their own nodes ask with the path as it is.
  const { resolvePath } = helpers as Partial<typeof helpers>;
  // What is nowhere is looked for by the engine, which says so in its own words.
  const resolved = (resolvePath ? await resolvePath(path).catch(ifGone(path)) : path) as Awaited<
    ReturnType<typeof helpers.resolvePath>
  >;
  if (!helpers.isFilePathBlocked(resolved)) return;
  throw new VitrineError({
    code: 'FORBIDDEN',
    message: `n8n does not let its nodes read ${JSON.stringify(path.slice(0, 200))}`,
    hint: 'Move the file to a folder in N8N_RESTRICT_FILE_ACCESS_TO, or read it with another node into a data field.',
  });
}
