import type { INodeProperties } from 'n8n-workflow';
import { invalid } from '../../lib/contracts';
import type { JobSource } from '../../lib/engine/client';
import { enginePath, inputSource, type ItemRun, readSource, type SourceNames } from '../common';

const PATH = { displayName: 'Video Path', name: 'videoPath' };

const VIDEO: SourceNames = {
  source: { displayName: 'Input Source', name: 'inputSource' },
  field: { displayName: 'Input Data Field Name', name: 'binaryPropertyName', default: 'data' },
  url: { displayName: 'Video URL', name: 'videoUrl' },
  path: PATH,
};

/** Where an item's video comes from; the address may be a share link of Google Drive. */
export const videoSource: INodeProperties[] = inputSource(
  'video',
  'https://drive.google.com/file/d/…/view',
  VIDEO,
);

/** The item's video, what names its frames, and the data field that it came in. */
export interface ItemVideo {
  source: JobSource;
  stem: string;
  field?: string;
}

/**
 * @throws VitrineError INVALID_PARAMETER, FORBIDDEN; NodeOperationError where the item has no such file
 */
export async function readVideo(run: ItemRun): Promise<ItemVideo> {
  const from = run.value(VIDEO.source.name);
  if (from === 'path') {
    const path = String(run.value(PATH.name) ?? '').trim();
    if (!path) throw invalid(PATH.displayName, "a path on the engine's machine", path);
    return await enginePath(run, path);
  }
  const { source, stem } = readSource(run, VIDEO);
  return { source, stem, ...(from !== 'url' && { field: String(run.value(VIDEO.field.name)).trim() }) };
}
