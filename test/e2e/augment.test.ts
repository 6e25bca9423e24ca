import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { N8n, cloneUserFolder, n8nCommand } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { root, work } from './support/settings';
import { until } from './support/wait';

/** The shipped workflow for data sets: its schedule fires, and its webhook is called. */
interface Workflow {
  id: string;
  nodes: { name: string; parameters: Record<string, unknown> }[];
}

const UPCS = ['4006381333931', '96385074'];
const home = newHome('augment');
/** What n8n may read and write. */
const data = join(work, 'data');
const shelf = join(data, 'shelf');
let n8n: N8n;

beforeAll(() =>
  withLogs(async () => {
    await makeDataSet(shelf);
    await makeDataSet(join(data, 'posted'));
    // Published in a user folder of its own: no other test's n8n shall start on it.
    const folder = cloneUserFolder('augmenting');
    const file = join(work, 'augmentation-worker.json');
    const workflow = everyFewSeconds();
    writeFileSync(file, JSON.stringify(workflow));
    await n8nCommand(folder, ['import:workflow', `--input=${file}`]);
    await n8nCommand(folder, ['publish:workflow', `--id=${workflow.id}`]);
    const env = { N8N_RESTRICT_FILE_ACCESS_TO: realpathSync(data) };
    n8n = await N8n.start({ folder, home: home.folder, env });
  }),
);
afterAll(endAll);

/** Two classes with a photo each. */
async function makeDataSet(folder: string): Promise<void> {
  for (const [index, upc] of UPCS.entries()) {
    mkdirSync(join(folder, upc, 'real'), { recursive: true });
    writeFileSync(join(folder, upc, 'real/box.jpg'), await boxPhoto(320 + 80 * index, 240));
  }
}

/** The file as it ships, but for the time, the folder and how many pictures there shall be. */
function everyFewSeconds(): Workflow {
  const workflow = JSON.parse(
    readFileSync(join(root, 'workflows/augmentation-worker.json'), 'utf8'),
  ) as Workflow;
  const parametersOf = (name: string) => workflow.nodes.find((node) => node.name === name)!.parameters;
  parametersOf('Every Night').rule = { interval: [{ field: 'seconds', secondsInterval: 10 }] };
  const folder = parametersOf('Augment Folder');
  Object.assign(folder, { datasetPath: realpathSync(data) + '/shelf', synTarget: 2, realTarget: 3 });
  folder.options = { size: 160 };
  return workflow;
}

const made = (folder: string, upc: string, target: string) =>
  readdirSync(join(folder, upc, target)).filter((file) => file.startsWith('aug_'));

scenario('the schedule fires, the folder is topped up, and the report comes in a data field', async () => {
  const aside = `${shelf}-augmentation`;
  const kept = () =>
    (existsSync(aside) ? readdirSync(aside) : []).find((file) => /^report-\d{4}-\d\d-\d\d\.html$/.test(file));
  const name = await until('n8n to have written the report out of its data field', async () => kept(), 240);
  const page = readFileSync(join(aside, name), 'utf8');
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toMatch(/<script/);
  for (const upc of UPCS) {
    expect(page).toContain(upc);
    expect(made(shelf, upc, 'syn')).toHaveLength(2);
    expect(made(shelf, upc, 'real')).toHaveLength(2);
  }
  expect(page.length).toBeGreaterThan(5000);
  expect(home.files().filter((file) => /\/(outputs?|temp)\/.*\.html$/.test(file))).toEqual([]);
});

scenario('the webhook answers the seed’s JSON in the seed’s shape', async () => {
  const send = async (body: object) => {
    const text = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
    const response = await n8n.webhook('augmentation', text);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const folder = join(realpathSync(data), 'posted');
  const input = { dataset_path: folder, syn_target: 1, real_target: 2 };
  const { status, json } = await send({ input });
  expect(json).toMatchObject({
    ...{ status: 'success', type: 'augmentation', dataset_id: null, syn_produced: 2, real_produced: 2 },
    report: { totals: { classes: 2 }, items: UPCS.map((upc) => ({ upc })) },
  });
  expect(status).toBe(200);
  expect((await send(input)).json).toMatchObject({ syn_produced: 0, real_produced: 0 });

  const refused = await send({});
  expect(refused.status).toBe(422);
  expect(refused.json).toMatchObject({
    status: 'failed',
    details: { code: 'INVALID_PARAMETER', hint: expect.any(String) },
  });
});
