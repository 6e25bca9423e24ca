import { addAbortSignal, Readable } from 'node:stream';
import { NodeOperationError, type IBinaryData, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';
import { FORMATS, type OutputFormat, UNPRINTABLE } from '../../lib/contracts';
import type { Upload } from '../../lib/engine/client';
import { fieldName } from './read';

/**
 * The picture in an item's data field, as a stream where n8n keeps files outside of the item.
 * @param label what the editor calls the parameter that names the field
 * @param field name of the data field, or a file object that an expression gave
 * @throws VitrineError INVALID_PARAMETER; NodeOperationError naming the fields that the item does have
 */
export function uploadFromField(
  context: IExecuteFunctions,
  itemIndex: number,
  label: string,
  field: unknown,
): Upload {
  const isFile = typeof field === 'object' && field !== null;
  const named = isFile ? (field as IBinaryData) : fieldName(label, field);
  const file = fileInField(context, itemIndex, label, named);
  const { id } = file;
  return {
    open: async () =>
      id ? await context.helpers.getBinaryStream(id) : Readable.from([Buffer.from(file.data, 'base64')]),
    fileName: file.fileName || `image.${file.fileExtension || 'bin'}`,
    mimeType: file.mimeType || 'application/octet-stream',
    size: file.bytes ?? (id ? undefined : Buffer.byteLength(file.data, 'base64')),
  };
}

function fileInField(
  context: IExecuteFunctions,
  itemIndex: number,
  label: string,
  field: string | IBinaryData,
): IBinaryData {
  try {
    return context.helpers.assertBinaryData(itemIndex, field);
  } catch (error) {
    if (typeof field !== 'string')
      throw new NodeOperationError(context.getNode(), error as Error, { itemIndex });
    const present = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
    throw new NodeOperationError(context.getNode(), `The item has no data field '${field}'`, {
      itemIndex,
      description: present.length
        ? `Its data fields are: ${present.join(', ')}. Put one of these names in ${label}.`
        : 'It holds no file at all. Let a node before this one read or download the picture, or give its URL.',
    });
  }
}

/** Streams a finished picture into n8n's own storage of files. */
export async function storePicture(
  context: IExecuteFunctions,
  picture: Readable,
  stem: string,
  format: OutputFormat,
  signal: AbortSignal,
): Promise<IBinaryData> {
  const { extension, mimeType } = FORMATS[format];
  return await storeFile(context, picture, { name: `${stem}.${extension}`, mimeType }, signal);
}

/** Streams a finished file into n8n's own storage of files. */
export async function storeFile(
  context: IExecuteFunctions,
  file: Readable,
  { name, mimeType }: { name: string; mimeType: string },
  signal: AbortSignal,
): Promise<IBinaryData> {
  return await context.helpers.prepareBinaryData(addAbortSignal(signal, file), name, mimeType);
}

/** Whether the node runs as a tool of an AI agent. Agents of version 3 run tools as any other node, but for its type. */
export function isForAgent(context: IExecuteFunctions): boolean {
  return Boolean(context.isToolExecution?.()) || context.getNode().type.endsWith('Tool');
}

/** Files cannot cross to an AI agent: it gets links to n8n's own store instead, valid for a day. */
export function signedUrls(
  context: IExecuteFunctions,
  itemIndex: number,
  files: Record<string, IBinaryData>,
): IDataObject {
  try {
    return Object.fromEntries(
      Object.entries(files).map(([field, file]) => [
        field,
        context.helpers.createBinarySignedUrl(file, '1 day'),
      ]),
    );
  } catch {
    throw new NodeOperationError(
      context.getNode(),
      'The picture was made, but n8n cannot hand an agent a link to it',
      {
        itemIndex,
        description: 'Let n8n keep files on disk: set N8N_DEFAULT_BINARY_DATA_MODE to filesystem.',
      },
    );
  }
}

/**
 * A file's name without folders, extension and control characters, fit to name its result: 100 characters at most.
 * @example stemOf('photos/mug.final.jpg') // 'mug.final'
 */
export function stemOf(fileName: string): string {
  const base = fileName.split(/[\\/]/).pop() ?? '';
  const stem = base.replace(/\.[^.]*$/, '').replace(UNPRINTABLE, '');
  return [...stem.trim()].slice(0, 100).join('') || 'image';
}

/** The stem of the last part of a URL's path; `image` where there is none. */
export function stemOfUrl(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  const last = path.split('/').pop() ?? '';
  try {
    return stemOf(decodeURIComponent(last));
  } catch {
    return stemOf(last);
  }
}
