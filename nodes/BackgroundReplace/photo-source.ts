import type { INodeProperties } from 'n8n-workflow';
import { invalid } from '../../lib/contracts';
import type { JobSource } from '../../lib/engine/client';
import { type ItemRun, type SourceNames, enginePath, inputSource, readSource } from '../common';

/** Where the photo lies on the machine of the engine; workflows of the seed service have nothing else. */
const PATH = { displayName: 'Input Path', name: 'inputPath' };

const PHOTO: SourceNames = {
  source: { displayName: 'Input Source', name: 'inputSource' },
  field: { displayName: 'Input Data Field Name', name: 'binaryPropertyName', default: 'data' },
  url: { displayName: 'URL', name: 'url' },
  path: PATH,
};

/** Nodes of version 1 have it beside the data field, in whose place it is used where it is not empty. */
const pathBesideField: INodeProperties = {
  ...PATH,
  type: 'string',
  default: '',
  placeholder: 'e.g. /data/photos/mug.jpg',
  description:
    "The path of the photo on the engine's machine, or its public address, to be used in place of the data field; empty for none",
  displayOptions: { show: { '@version': [1], inputSource: ['dataField'] } },
};

const [choice, ...fields] = inputSource('photo', 'https://example.com/photos/mug.jpg', PHOTO);

/** Where an item's photo comes from. */
export const photoSource: INodeProperties[] = [choice, pathBesideField, ...fields];

/**
 * The item's photo, and the stem that names what is made of it.
 * @throws VitrineError INVALID_PARAMETER; FORBIDDEN where n8n does not let its nodes read that file; NodeOperationError
 * where the item has no such file
 */
export async function readPhoto(run: ItemRun): Promise<{ source: JobSource; stem: string }> {
  const from = run.value(PHOTO.source.name);
  const path = from === 'url' ? '' : String(run.value(PATH.name) ?? '').trim();
  if (path) return await enginePath(run, path);
  if (from === 'path') throw invalid(PATH.displayName, "a path on the engine's machine", path);
  return readSource(run, PHOTO);
}
