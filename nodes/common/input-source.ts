import type { IBinaryData, INodeProperties } from 'n8n-workflow';
import type { JobSource } from '../../lib/engine/client';
import { stemOf, stemOfUrl, uploadFromField } from './files';
import type { ItemRun } from './operation';
import { fieldName, webAddress } from './read';

/**
 * The parameters that say where an item's file comes from; read by {@link readSource}.
 * @param what it is called, such as `photo`
 * @param example an address of one
 */
export function inputSource(what: string, example: string): INodeProperties[] {
  return [
    {
      displayName: 'Input Source',
      name: 'inputSource',
      type: 'options',
      options: [
        { name: 'Data Field', value: 'dataField', description: `A ${what} that the input item carries` },
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
      displayName: 'Input Data Field Name',
      name: 'binaryPropertyName',
      type: 'string',
      default: 'data',
      required: true,
      placeholder: 'e.g. data',
      hint: `The name of the input field containing the ${what}`,
      description: `The data field of the input item that holds the ${what}`,
      displayOptions: { show: { inputSource: ['dataField'] } },
    },
    {
      displayName: 'URL',
      name: 'url',
      type: 'string',
      default: '',
      required: true,
      placeholder: `e.g. ${example}`,
      description: `The public address of the ${what}; the engine downloads it`,
      displayOptions: { show: { inputSource: ['url'] } },
    },
  ];
}

/**
 * The item's file, for the client's methods, and the stem that names what is made of it.
 * @throws VitrineError INVALID_PARAMETER; NodeOperationError where the item has no such file
 */
export function readSource({ context, index, value }: ItemRun): { source: JobSource; stem: string } {
  if (value('inputSource') === 'url') {
    const url = webAddress('URL', value('url'));
    return { source: { url }, stem: stemOfUrl(url) };
  }
  const field = value('binaryPropertyName');
  const isFile = typeof field === 'object' && field !== null;
  const source = uploadFromField(
    context,
    index,
    isFile ? (field as IBinaryData) : fieldName('Input Data Field Name', field),
  );
  return { source, stem: stemOf(source.fileName) };
}
