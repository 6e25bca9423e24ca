import type { IDataObject } from 'n8n-workflow';
import { invalid, VitrineError } from '../../lib/contracts';
import type { NamedUpload } from '../../lib/engine/client';
import { fieldName, type ItemRun, uploadFromField } from '../common';
import { PICTURE, ROLE, UPC } from './data-set';

/** The pictures of all input items, as they are sent. */
export interface ItemPictures {
  many: { picture: NamedUpload[]; background: NamedUpload[] };
  /** Which item each of `many.picture` is of. */
  items: number[];
}

/**
 * @throws VitrineError INVALID_PARAMETER where an item does not say what its picture is; NodeOperationError where it has
 *   none
 */
export function readItems({ context }: ItemRun): ItemPictures {
  const pictures: ItemPictures = { many: { picture: [], background: [] }, items: [] };
  for (const [index, { json }] of context.getInputData().entries()) {
    const value = (name: string) => context.getNodeParameter(name, index, '') as unknown;
    const place = `item ${index + 1}`;
    const role = String(value(ROLE.name));
    const upload = uploadFromField(context, index, PICTURE.displayName, value(PICTURE.name));
    if (role === 'background') {
      pictures.many.background.push({ ...upload, fileName: encodeURIComponent(upload.fileName) });
      continue;
    }
    if (role !== 'real' && role !== 'syn')
      throw invalid(`${ROLE.displayName} of ${place}`, 'real, syn or background', role);
    const upc = upcOf(json, fieldName(UPC.displayName, value(UPC.name)), place);
    const name = [upc, role, upload.fileName].map(encodeURIComponent).join('/');
    pictures.many.picture.push({ ...upload, fileName: name });
    pictures.items.push(index);
  }
  if (pictures.items.length) return pictures;
  throw new VitrineError({
    code: 'INVALID_PARAMETER',
    message: 'All input items are backgrounds: there is no picture of a product',
    hint: `Set ${ROLE.displayName} to Real Photo or Synthetic Picture for those that show one.`,
  });
}

/** The value of a field, which may lie in others: `product.gtin`. */
function upcOf(json: IDataObject, field: string, place: string): string {
  const found = Object.hasOwn(json, field)
    ? json[field]
    : field.split('.').reduce<unknown>((value, name) => (value as IDataObject | undefined)?.[name], json);
  const upc = typeof found === 'number' || typeof found === 'string' ? String(found).trim() : '';
  if (upc && upc.length <= 100 && !/^\.|[/\\:]/.test(upc)) return upc;
  const hint = `Put the name of the field that says which product it is in ${UPC.displayName}. Its fields are: ${Object.keys(json).join(', ') || 'none'}.`;
  throw invalid(`the field ${field} of ${place}`, 'a UPC without slashes', found, hint);
}
