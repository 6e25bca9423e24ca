import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { n8nCommand } from './n8n';
import { root, work } from './settings';

export interface WorkflowJson {
  id?: string;
  name: string;
  nodes: {
    name: string;
    type: string;
    typeVersion: number;
    parameters: { path?: string; [parameter: string]: unknown };
    credentials?: object;
  }[];
}

/** Workflows that the suite runs, by a name of its own. */
const FILES = {
  shipped: 'workflows/remove-background-webhook.json',
  frontAndBack: 'workflows/process-front-and-back-webhook.json',
  replace: 'workflows/replace-background-webhook.json',
  segment: 'workflows/video-segmentation-worker.json',
  frames: 'test/e2e/workflows/frames.json',
  backdrops: 'test/e2e/workflows/backdrops.json',
  scenes: 'test/e2e/workflows/scenes.json',
  twoItems: 'test/e2e/workflows/two-items.json',
};

export type WorkflowName = keyof typeof FILES;

/**
 * The workflow file as it ships, but with the model `plain` in place of networks, whose files are not here; it gets an
 * id where its author left that to n8n.
 */
export function readWorkflow(name: WorkflowName): WorkflowJson & { id: string } {
  const text = readFileSync(join(root, FILES[name]), 'utf8');
  const workflow = JSON.parse(
    text.replace(/"(rmbgModel|birefnetModel)": "[^"]+"/g, '"$1": "plain"'),
  ) as WorkflowJson;
  return { ...workflow, id: workflow.id ?? `e2e-${name}` };
}

/** Path of a workflow's production webhook. */
export function webhookPath(name: WorkflowName): string {
  const path = readWorkflow(name).nodes.find(({ type }) => type === 'n8n-nodes-base.webhook')?.parameters
    .path;
  if (!path) throw new Error(`${FILES[name]} has no webhook with a path`);
  return path;
}

/** Keys of services, as credentials that workflows of the suite name by their ids. */
export const SERVICE_KEYS = { gemini: 'AIza-end-to-end-secret-key', runway: 'key_end-to-end-secret-key' };

/** What the credential `e2eWebhook000001` signs with. */
export const WEBHOOK_SECRET = 'the end-to-end secret of callbacks';

const CREDENTIALS = [
  {
    ...{ id: 'e2eGemini0000001', name: 'Gemini', type: 'vitrineGeminiApi' },
    data: { apiKey: SERVICE_KEYS.gemini },
  },
  {
    ...{ id: 'e2eRunway0000001', name: 'Runway', type: 'vitrineRunwayApi' },
    data: { apiKey: SERVICE_KEYS.runway },
  },
  {
    ...{ id: 'e2eWebhook000001', name: 'Webhook', type: 'vitrineWebhookApi' },
    data: { secret: WEBHOOK_SECRET },
  },
];

/** Imports and publishes every workflow, and the credentials of some, into the database of a user folder. */
export async function importWorkflows(folder: string): Promise<void> {
  const files = join(work, 'workflows');
  mkdirSync(files, { recursive: true });
  const names = Object.keys(FILES) as WorkflowName[];
  for (const name of names) writeFileSync(join(files, `${name}.json`), JSON.stringify(readWorkflow(name)));
  const credentials = join(work, 'credentials.json');
  writeFileSync(credentials, JSON.stringify(CREDENTIALS));
  await n8nCommand(folder, ['import:credentials', `--input=${credentials}`]);
  await n8nCommand(folder, ['import:workflow', '--separate', `--input=${files}`]);
  for (const name of names) await n8nCommand(folder, ['publish:workflow', `--id=${readWorkflow(name).id}`]);
}
