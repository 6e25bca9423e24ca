import type { INodeProperties } from 'n8n-workflow';
import type { JobSource } from '../../lib/engine/client';
import { type ItemRun, enginePath } from '../common';

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
export async function readInputPath(run: ItemRun): Promise<{ source: JobSource; stem: string } | undefined> {
  const path = String(run.value(inputPath.name) ?? '').trim();
  return path ? await enginePath(run, path) : undefined;
}
