import type { INodeProperties } from 'n8n-workflow';
import type { JobSource } from '../../lib/engine/client';
import { stemOf, stemOfUrl, uploadFromField } from './files';
import type { ItemRun } from './operation';
import { webAddress } from './read';

/** What the parameters are called that say where a file comes from: in the editor, and in saved workflows. */
export interface SourceNames {
  source: { displayName: string; name: string };
  field: { displayName: string; name: string; default: string };
  url: { displayName: string; name: string };
  /** Left out: a path is no choice. */
  path?: { displayName: string; name: string };
}

const INPUT: SourceNames = {
  source: { displayName: 'Input Source', name: 'inputSource' },
  field: { displayName: 'Input Data Field Name', name: 'binaryPropertyName', default: 'data' },
  url: { displayName: 'URL', name: 'url' },
};

/**
 * The parameters that say where an item's file comes from; read by {@link readSource}.
 * @param what it is called, such as `photo`
 * @param example an address of one
 * @param names left out: the node's own input
 */
export function inputSource(what: string, example: string, names = INPUT): INodeProperties[] {
  const { source, field, url, path } = names;
  const standard = field.default;
  return [
    {
      displayName: source.displayName,
      name: source.name,
      type: 'options',
      options: [
        { name: 'Data Field', value: 'dataField', description: `A ${what} that the input item carries` },
        ...(path ? [{ name: 'Path', value: 'path', description: `A ${what} on the engine's machine` }] : []),
        {
          name: 'URL',
          value: 'url',
          description: `A ${what} that the engine downloads from a public address`,
        },
      ],
      default: 'dataField',
      description: `Where the ${what} comes from`,
    },
    {
      displayName: field.displayName,
      name: field.name,
      type: 'string',
      default: standard,
      required: true,
      placeholder: `e.g. ${standard}`,
      hint: `The name of the input field containing the ${what}`,
      description: `The data field of the input item that holds the ${what}`,
      displayOptions: { show: { [source.name]: ['dataField'] } },
    },
    {
      displayName: url.displayName,
      name: url.name,
      type: 'string',
      default: '',
      required: true,
      placeholder: `e.g. ${example}`,
      description: `The public address of the ${what}; the engine downloads it`,
      displayOptions: { show: { [source.name]: ['url'] } },
    },
    ...(path ? [pathField(what, source.name, path)] : []),
  ];
}

function pathField(
  what: string,
  source: string,
  { displayName, name }: { displayName: string; name: string },
): INodeProperties {
  return {
    displayName,
    name,
    type: 'string',
    default: '',
    required: true,
    placeholder: `e.g. /data/${what}s/mug`,
    description: `The path of the ${what} on the engine's machine, which the engine must be allowed to read`,
    displayOptions: { show: { [source]: ['path'] } },
  };
}

/**
 * The item's file, for the client's methods, and the stem that names what is made of it. A path is read by `enginePath`.
 * @param names left out: the node's own input
 * @throws VitrineError INVALID_PARAMETER; NodeOperationError where the item has no such file
 */
export function readSource(
  { context, index, value }: ItemRun,
  { source, field, url }: SourceNames = INPUT,
): { source: JobSource; stem: string } {
  if (value(source.name) === 'url') {
    const address = webAddress(url.displayName, value(url.name));
    return { source: { url: address }, stem: stemOfUrl(address) };
  }
  const upload = uploadFromField(context, index, field.displayName, value(field.name));
  return { source: upload, stem: stemOf(upload.fileName) };
}
