import type { INodeProperties } from 'n8n-workflow';
import { VitrineError, isWebAddress } from '../../lib/contracts';
import type { JobSource } from '../../lib/engine/client';
import { type ItemRun, stemOf, stemOfUrl } from '../common';

/** Where the photo lies on the machine of the engine; workflows of the seed service have nothing else. */
export const inputPath: INodeProperties = {
  displayName: 'Input Path',
  name: 'inputPath',
  type: 'string',
  default: '',
  placeholder: 'e.g. /data/photos/mug.jpg',
  description:
    "The path of the photo on the engine's machine, or its public address, to be used in place of the data field; empty for none",
  displayOptions: { show: { inputSource: ['dataField'] } },
};

/**
 * The photo that Input Path names; undefined where it is empty.
 * @throws VitrineError FORBIDDEN where n8n does not let its nodes read that file
 */
export async function readInputPath({
  context,
  value,
}: ItemRun): Promise<{ source: JobSource; stem: string } | undefined> {
  const path = String(value(inputPath.name) ?? '').trim();
  if (!path) return undefined;
  if (isWebAddress(path)) return { source: { url: path }, stem: stemOfUrl(path) };
  // A remote engine has folders of its own.
  if (value('engineLocation') !== 'remote') await refuseBlocked(context, path);
  return { source: { path }, stem: stemOf(path) };
}

async function refuseBlocked({ helpers }: ItemRun['context'], path: string): Promise<void> {
  // n8n versions before 2 have no such helper, and their own nodes ask with the path as it is.
  const { resolvePath } = helpers as Partial<typeof helpers>;
  const resolved = (resolvePath ? await resolvePath(path) : path) as Awaited<
    ReturnType<typeof helpers.resolvePath>
  >;
  if (!helpers.isFilePathBlocked(resolved)) return;
  throw new VitrineError({
    code: 'FORBIDDEN',
    message: `n8n does not let its nodes read ${JSON.stringify(path.slice(0, 200))}`,
    hint: 'Move the file to a folder in N8N_RESTRICT_FILE_ACCESS_TO, or read it with another node into a data field.',
  });
}
