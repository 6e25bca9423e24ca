import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeProperties, INodeType, IWorkflowBase } from 'n8n-workflow';
import { loadPack } from '../nodes/support/n8n';
import { boxOfNode, boxOfNote, isNote, overlaps, sizeOfText } from './layout';

/** What holds for every workflow file that ships, as it lies on n8n's canvas and in a database beside the others. */
const FOLDER = join(__dirname, '..', '..', 'workflows');
const PACK = 'n8n-nodes-vitrine.';
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

const readText = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const read = (file: string) => JSON.parse(readText(file)) as IWorkflowBase;
const all = FILES.map(read);

let pack: Awaited<ReturnType<typeof loadPack>>;
beforeAll(async () => void (pack = await loadPack()));

const twice = (values: unknown[]) => values.filter((value, index) => values.indexOf(value) !== index);

/** Parameters that a node has under its type, and those of the collections among them: `options.size`. */
function known(properties: INodeProperties[]): string[] {
  return properties.flatMap(({ name, type, options = [] }) =>
    type === 'collection' ? [name, ...options.map((option) => `${name}.${option.name}`)] : [name],
  );
}

function used({ parameters }: INode, collections: string[]): string[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    collections.includes(name)
      ? [name, ...Object.keys(value as object).map((key) => `${name}.${key}`)]
      : [name],
  );
}

describe.each(FILES)('%s', (file) => {
  const workflow = read(file);
  const notes = workflow.nodes.filter(isNote);
  const nodes = workflow.nodes.filter((node) => !isNote(node));

  it('is inactive, holds no credential and no data, and starts with a trigger', () => {
    expect(workflow.active).toBe(false);
    expect(workflow.pinData).toEqual({});
    expect(workflow.nodes.filter(({ credentials }) => credentials)).toEqual([]);
    expect(nodes[0].type).toMatch(/webhook|trigger/i);
  });

  it('connects only nodes that it has, and each of them', () => {
    const names = workflow.nodes.map(({ name }) => name);
    expect(twice(names)).toEqual([]);
    const ends = Object.entries(workflow.connections).flatMap(([from, outputs]) => [
      from,
      ...Object.values(outputs).flatMap((targets) =>
        targets.flatMap((to) => (to ?? []).map(({ node }) => node)),
      ),
    ]);
    expect([...new Set(ends)].sort()).toEqual(nodes.map(({ name }) => name).sort());
  });

  it('uses only parameters that our nodes have', () => {
    for (const node of nodes.filter(({ type }) => type.startsWith(PACK))) {
      // As a tool of an agent a node has the same parameters, and those that describe it to the agent.
      const [, name, tool] = /^(.+?)(Tool)?$/.exec(node.type.slice(PACK.length))!;
      const { properties } = (pack.getNode(name).type as INodeType).description;
      const collections = properties.filter(({ type }) => type === 'collection').map(({ name }) => name);
      const ofTools = tool ? ['descriptionType', 'toolDescription'] : [];
      expect([...known(properties), ...ofTools]).toEqual(expect.arrayContaining(used(node, collections)));
    }
  });

  it('has no error output where it does not wait for another workflow', () => {
    // n8n sorts such a node's items into its outputs by emptying the very list that it gave to the other workflow.
    const unwaited = nodes.filter(
      ({ type, parameters }) =>
        type.endsWith('.executeWorkflow') &&
        (parameters.options as { waitForSubWorkflow?: boolean }).waitForSubWorkflow === false,
    );
    for (const { onError } of unwaited) expect(onError).not.toBe('continueErrorOutput');
  });

  it('has a note that says what it does', () => {
    expect(notes).not.toHaveLength(0);
    expect(notes[0].parameters.content).toMatch(/^## \S/);
  });

  it('has nothing that lies over something else', () => {
    expect(overlaps([...nodes.map(boxOfNode), ...notes.map(boxOfNote)])).toEqual([]);
  });

  it.each(notes.map((note) => [note.name, note]))('shows all of the note %j', (_, { parameters }) => {
    const { content, width, height } = parameters as { content: string; width: number; height: number };
    const needed = sizeOfText(content, width);
    expect(width).toBeGreaterThanOrEqual(needed.width);
    expect(height).toBeGreaterThanOrEqual(needed.height);
  });

  it('is explained in the README of its folder', () => {
    expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toContain(file);
  });
});

it('IDs, names and addresses are no other workflow’s', () => {
  const nodes = all.flatMap((workflow) => workflow.nodes);
  const hooks = nodes.filter(({ type }) => type === 'n8n-nodes-base.webhook');
  expect(twice(all.map(({ id }) => id))).toEqual([]);
  expect(twice(all.map(({ name }) => name))).toEqual([]);
  expect(twice(nodes.map(({ id }) => id))).toEqual([]);
  expect(twice(hooks.map(({ webhookId }) => webhookId))).toEqual([]);
  const addresses = hooks.map(
    ({ parameters }) => `${String(parameters.httpMethod ?? 'GET')} ${String(parameters.path)}`,
  );
  expect(twice(addresses)).toEqual([]);
});

it('Data Tables have the same columns in every workflow that makes them', () => {
  const made = all
    .flatMap((workflow) => workflow.nodes)
    .filter(({ type, parameters }) => type.endsWith('.dataTable') && parameters.operation === 'create');
  expect(made.length).toBeGreaterThan(1);
  for (const { parameters } of made) {
    const first = made.find((other) => other.parameters.tableName === parameters.tableName)!;
    expect(parameters.columns).toEqual(first.parameters.columns);
  }
});

/** Nodes that keep a job's row, whatever the job does. */
const KEEPERS = [
  ...['Jobs Table', 'Find Job', 'Is It New?', 'First Row', 'Is It the First?', 'Drop Row', 'Job Is to Go On'],
  ...[
    'Is It the Heartbeat?',
    'Pause',
    'Beat',
    'Not for Ever',
    'Read Row',
    'What Is Due?',
    'Claim',
    'Is It Ours?',
  ],
  ...['Start Heartbeat', 'Still Ours?', 'Will It Pass?', 'Try Again Later', 'Failed', 'Is Callback Owed?'],
  ...['Claim Callback', 'Is Callback Ours?', 'Delivered', 'Not Delivered', 'Is It Known?'],
];

it.each(KEEPERS)('%s is the same in every workflow whose jobs have rows', (name) => {
  const files = FILES.filter((file) => file.endsWith('-job-webhook.json'));
  expect(files.length).toBeGreaterThan(2);
  const [first, ...others] = files.map((file) => {
    const found = read(file).nodes.find((node) => node.name === name);
    return { ...found, id: undefined, position: undefined, webhookId: undefined };
  });
  for (const other of others) expect(other).toEqual(first);
});
