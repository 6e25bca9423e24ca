import { z } from 'zod/v4';
import {
  FORMATS,
  type Job,
  type JobFile,
  type JobFiles,
  fieldsOf,
  secretsOf,
  secretsSchema,
} from '../../contracts';

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
export function describeRoute(job: Job) {
  const pictures = Object.values(FORMATS).map(({ mimeType }) => mimeType);
  return {
    ...describeRequest(job),
    produces: ['application/json', ...(job.picture ? pictures : []), 'application/x-ndjson'],
    response: { '4xx': errorSchema, '5xx': errorSchema },
  };
}

/** The route of a job that answers at once. */
export function describeBackgroundRoute(job: Job) {
  const { summary, description, ...request } = describeRequest(job);
  return {
    ...request,
    summary: `${summary}, behind the answer`,
    description: [
      description,
      'Answers with the id of the job at once; GET /api/background/jobs/{jobId} tells its state, and callbackUrl, where ' +
        'there is one, is told its end.',
    ]
      .filter(Boolean)
      .join(' '),
    response: {
      202: { type: 'object', properties: { jobId: { type: 'string' } } },
      '4xx': errorSchema,
      '5xx': errorSchema,
    },
  };
}

function describeRequest(job: Job) {
  const { summary, description, input } = job;
  const fields = fieldsOf(job);
  const properties = z.toJSONSchema(fields, { io: 'output', unrepresentable: 'any' }).properties as Fields;
  const { required = [] } = z.toJSONSchema(fields, { io: 'input', unrepresentable: 'any' });
  const secrets = secretsOf(job);
  const bodyOf = (files: Fields) => ({
    type: 'object',
    ...(required.length && { required }),
    properties: { ...files, ...properties, ...(secrets.length && { secrets: secretsSchema(secrets) }) },
  });
  const json = (files: Fields) => ({ 'application/json': { schema: bodyOf(files) } });
  const content =
    'files' in input
      ? {
          ...formOrPicture(bodyOf(fileFields(input.files))),
          ...(input.json && json(placeFields(input.files))),
        }
      : {
          ...json({}),
          ...(input.many && { 'multipart/form-data': { schema: bodyOf(manyFields(input.many)) } }),
        };
  return {
    summary,
    description,
    tags: ['jobs'],
    querystring: {
      type: 'object',
      description: 'In place of the same fields of the body',
      properties: { ...('files' in input && placeFields(input.files)), ...properties },
    },
    body: { content },
  };
}

/** A form, or the picture alone with its parameters in the address. */
function formOrPicture(form: object) {
  const picture = { schema: { type: 'string', format: 'binary' } };
  return { 'multipart/form-data': { schema: form }, 'image/*': picture, 'application/octet-stream': picture };
}

/** Where files lie, in place of the files. */
function placeFields(files: Record<string, JobFile>): Fields {
  const fields: Fields = {};
  for (const { address, path } of Object.values(files)) {
    fields[address] = { type: 'string', description: 'The public address of a picture' };
    if (path) {
      const description =
        'Its path on the machine of the engine, below VITRINE_DATA_ROOTS; or its public address';
      fields[path] = { type: 'string', description };
    }
  }
  return fields;
}

function manyFields(many: Record<string, JobFiles>): Fields {
  const fields = Object.entries(many).map(([name, { description, most }]) => [
    name,
    { type: 'array', maxItems: most, items: { type: 'string', format: 'binary' }, description },
  ]);
  return Object.fromEntries(fields) as Fields;
}

function fileFields(files: Record<string, JobFile>): Fields {
  const sent = Object.entries(files).map(([name, { description }]) => [
    name,
    { type: 'string', format: 'binary', description },
  ]);
  return { ...(Object.fromEntries(sent) as Fields), ...placeFields(files) };
}
