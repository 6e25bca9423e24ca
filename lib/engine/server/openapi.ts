import { z } from 'zod/v4';
import { FORMATS, type Job, type JobFile, secretsSchema } from '../../contracts';

type Fields = Record<string, object>;

/** What every failed request answers with. */
const errorSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        hint: { type: 'string' },
        retryAfter: { type: 'number' },
      },
    },
  },
};

/** A job's row of the table, as the page /docs shows it. */
export function describeRoute({ summary, description, input, params, secrets, picture }: Job) {
  const pictures = Object.values(FORMATS).map(({ mimeType }) => mimeType);
  const properties = z.toJSONSchema(params, { io: 'output', unrepresentable: 'any' }).properties as Fields;
  const { required = [] } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  const body = {
    type: 'object',
    ...(required.length && { required }),
    properties: {
      ...('files' in input && fileFields(input.files)),
      ...properties,
      ...(secrets && { secrets: secretsSchema(secrets) }),
    },
  };
  return {
    summary,
    description,
    tags: ['jobs'],
    produces: ['application/json', ...(picture ? pictures : []), 'application/x-ndjson'],
    querystring: {
      type: 'object',
      description: 'In place of the same fields of the body',
      properties: { ...('files' in input && addressFields(input.files)), ...properties },
    },
    body: { content: 'files' in input ? formOrPicture(body) : { 'application/json': { schema: body } } },
    response: { '4xx': errorSchema, '5xx': errorSchema },
  };
}

/** A form, or the picture alone with its parameters in the address. */
function formOrPicture(form: object) {
  const picture = { schema: { type: 'string', format: 'binary' } };
  return { 'multipart/form-data': { schema: form }, 'image/*': picture, 'application/octet-stream': picture };
}

function addressFields(files: Record<string, JobFile>): Fields {
  const description = 'The public address of a picture';
  return Object.fromEntries(
    Object.values(files).map(({ address }) => [address, { type: 'string', description }]),
  );
}

function fileFields(files: Record<string, JobFile>): Fields {
  const fields: Fields = {};
  for (const [name, { description, address }] of Object.entries(files)) {
    fields[name] = { type: 'string', format: 'binary', description };
    fields[address] = { type: 'string', description: 'Or its public address' };
  }
  return fields;
}
