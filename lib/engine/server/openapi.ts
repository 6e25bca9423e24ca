import { z } from 'zod/v4';
import { FORMATS, type Job, type JobFile, secretsSchema } from '../../contracts';

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
  const { properties } = z.toJSONSchema(params, { io: 'output', unrepresentable: 'any' });
  const { required = [] } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  return {
    summary,
    description,
    tags: ['jobs'],
    consumes: ['files' in input ? 'multipart/form-data' : 'application/json'],
    produces: ['application/json', ...(picture ? pictures : []), 'application/x-ndjson'],
    body: {
      type: 'object',
      ...(required.length && { required }),
      properties: {
        ...('files' in input && fileFields(input.files)),
        ...(properties as Record<string, object>),
        ...(secrets && { secrets: secretsSchema(secrets) }),
      },
    },
    response: { '4xx': errorSchema, '5xx': errorSchema },
  };
}

function fileFields(files: Record<string, JobFile>): Record<string, object> {
  const fields: Record<string, object> = {};
  for (const [name, { description, address }] of Object.entries(files)) {
    fields[name] = { type: 'string', format: 'binary', description };
    fields[address] = { type: 'string', description: 'Or its public address' };
  }
  return fields;
}
