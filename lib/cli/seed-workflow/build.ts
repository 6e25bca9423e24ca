import { createHash } from 'node:crypto';
import { TRIGGER, code, variablesIn } from './expressions';
import { stickyNote } from './note';
import type { N8nNode, N8nWorkflow } from './types';

/** A node of a seed's workflow, converted. */
export interface Replacement {
  /** The parameters as its JSON gave them, with `{{variables}}`. */
  given: Record<string, unknown>;
  /** Of the node Background Replace. */
  parameters: Record<string, unknown>;
}

/** Width of a node and the room beside it, in pixels of the canvas. */
const STEP = 260;

/** The folder that n8n's own image lets nodes write to; for photos that have an address and no folder. */
const FOLDER = '/home/node/.n8n-files/';

/** What an answer says of a picture besides its files. */
const RESULT = ['mediaId', 'projectId', 'engine', 'preset', 'seed', 'metrics'];

/** Codes of errors that the sender of a job can mend. */
const REFUSED =
  '/^(INVALID|UNSUPPORTED|TOO_LARGE|CLUTTERED|NO_SUBJECT|UNSURE|NOT_FOUND|FORBIDDEN|FETCH_FAILED|ADDRESS_BLOCKED)/';

/**
 * A workflow of n8n that begins with a job's JSON at a webhook, makes the pictures one after the other, keeps each beside
 * its photo, and answers as the seed did. The same input gives the same workflow, identifiers included.
 * @param steps at least one
 */
export function buildWorkflow(name: string, steps: Replacement[]): N8nWorkflow {
  const seed = JSON.stringify([name, steps]);
  const path = slug(name) || 'background-replacement';
  const nodes = [
    webhook(path, seed),
    ...steps.flatMap((step, index) => stepNodes(step, index)),
    ...answers(steps),
    stickyNote({ name, path, variables: variablesIn(steps.map(({ given }) => given)) }),
  ].map((node, index) => ({ id: uuid(`${seed}${index}`), ...node }));
  const settings = { executionOrder: 'v1' } as const;
  const id = createHash('sha256').update(seed).digest('hex').slice(0, 16);
  return { id, name, active: false, nodes, connections: wire(nodes), settings, pinData: {} };
}

type Unnamed = Omit<N8nNode, 'id'>;

function webhook(path: string, seed: string): Unnamed {
  return {
    name: TRIGGER,
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2.1,
    position: [0, 0],
    webhookId: uuid(seed),
    parameters: { httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
  };
}

/** The picture, then its file and its mask's beside the photo. */
function stepNodes({ given, parameters }: Replacement, index: number): Unnamed[] {
  const { options, ...others } = parameters;
  const suffix = index ? `-replaced-${index + 1}` : '-replaced';
  const keep = (field: string) => ({
    operation: 'write',
    fileName: `={{ ${folderCode(given.inputPath)} + $binary.${field}.fileName.replace(/(\\.\\w+)$/, '${suffix}$1') }}`,
    dataPropertyName: field,
    options: {},
  });
  const write = {
    type: 'n8n-nodes-base.readWriteFile',
    typeVersion: 1,
    onError: 'continueErrorOutput',
  } as const;
  const across = (place: number): [number, number] => [STEP * (3 * index + place), 0];
  return [
    {
      name: numbered('Background Replace', index),
      type: 'n8n-nodes-vitrine.backgroundReplace',
      typeVersion: 1.1,
      position: across(1),
      executeOnce: true,
      onError: 'continueErrorOutput',
      parameters: {
        ...{ engineLocation: 'embedded', inputSource: 'path' },
        ...others,
        binaryPropertyOutput: 'picture',
        options: { ...(options as object), maskField: 'mask' },
      },
    },
    { name: numbered('Keep Picture', index), ...write, position: across(2), parameters: keep('picture') },
    {
      ...{ name: numbered('Keep Mask', index), ...write, position: across(3), executeOnce: true },
      parameters: keep('mask'),
    },
  ];
}

/** The folder of the photo; what has an address goes where n8n may write. */
function folderCode(inputPath: unknown): string {
  const path = code(inputPath);
  return `(/^https?:/i.test(${path}) ? '${FOLDER}' : ${path}.replace(/[^\\/\\\\]*$/, ''))`;
}

/** The seed's result, an array of them where there are several pictures; or the reason. */
function answers(steps: Replacement[]): Unnamed[] {
  const results = steps.map((_, index) => {
    const mask = `$('${numbered('Keep Mask', index)}').first().json.fileName`;
    const artifacts = `{ output: json.fileName, mask: ${mask} }`;
    const fields = RESULT.map((name) => `${name}: json.${name}`).join(', ');
    return `...$('${numbered('Keep Picture', index)}').all().map(({ json }) => ({ ${fields}, artifacts: ${artifacts} }))`;
  });
  const one = '((pictures) => pictures.length === 1 ? pictures[0] : pictures)';
  const respond = { type: 'n8n-nodes-base.respondToWebhook', typeVersion: 1.5 };
  const right = STEP * (3 * steps.length + 1);
  return [
    {
      ...{ name: 'Answer with Result', ...respond, position: [right, 0], executeOnce: true },
      parameters: {
        respondWith: 'json',
        responseBody: `={{ JSON.stringify(${one}([${results.join(', ')}])) }}`,
        options: {},
      },
    },
    {
      ...{ name: 'Answer with Reason', ...respond, position: [right, 220], executeOnce: true },
      parameters: {
        respondWith: 'json',
        responseBody: '={{ JSON.stringify({ error: $json.error, details: $json.details }) }}',
        options: { responseCode: `={{ ${REFUSED}.test($json.details?.code) ? 422 : 503 }}` },
      },
    },
  ];
}

/** Each node to the next one; those that can fail to the reason as well. */
function wire(nodes: N8nNode[]): N8nWorkflow['connections'] {
  const to = (node: string) => [{ node, type: 'main', index: 0 } as const];
  const chain = nodes.slice(0, -3);
  return Object.fromEntries(
    chain.map(({ name, onError }, index) => {
      const next = to(chain[index + 1]?.name ?? 'Answer with Result');
      return [name, { main: onError ? [next, to('Answer with Reason')] : [next] }];
    }),
  );
}

function numbered(name: string, index: number): string {
  return index ? `${name} ${index + 1}` : name;
}

/** Letters and digits of a name with hyphens between its words, for an address. */
function slug(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
