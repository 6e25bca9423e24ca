import { mkdirSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Editor } from './editor';
import type { N8n } from './n8n';
import { root, work } from './settings';

export interface WorkflowFile {
  id: string;
  nodes: {
    name: string;
    type: string;
    typeVersion: number;
    webhookId?: string;
    credentials?: Record<string, { id: string; name: string }>;
    parameters: Record<string, unknown>;
    [other: string]: unknown;
  }[];
  connections: Record<string, object>;
}

/** Where the workflow files want their folders, in n8n's own image. */
const SHIPPED_FOLDER = '/home/node/.n8n-files/';

/** Folders that n8n may use, in place of those of its image. */
export class DataFolder {
  readonly path: string;

  constructor(name: string) {
    mkdirSync(join(work, name), { recursive: true });
    this.path = realpathSync(join(work, name));
  }

  /** Makes a folder below. */
  make(...names: string[]): void {
    for (const name of names) mkdirSync(join(this.path, name), { recursive: true });
  }

  /** The path of something below. */
  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Removes what lies in it, or in a folder below. */
  empty(...names: string[]): void {
    const folder = this.at(...names);
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  }

  /** What lies in a folder below, sorted. */
  list(name: string): string[] {
    return readdirSync(this.at(name)).sort();
  }

  /** A workflow file as it ships, but with its folders here. */
  read(file: string): WorkflowFile {
    const text = readFileSync(join(root, 'workflows', file), 'utf8');
    return JSON.parse(text.replaceAll(SHIPPED_FOLDER, `${this.path}/`)) as WorkflowFile;
  }
}

/** A node of a workflow, by its name. */
export function nodeOf({ nodes }: WorkflowFile, name: string): WorkflowFile['nodes'][number] {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`There is no node ${name}, only ${nodes.map((each) => each.name).join(', ')}`);
  return node;
}

/**
 * Has a workflow begin when it is called, in place of its schedule, and answer when it has ended.
 * @returns its address below `webhook/`
 */
export function callable(workflow: WorkflowFile, trigger: string): string {
  const path = `run-${workflow.id}`;
  Object.assign(nodeOf(workflow, trigger), {
    ...{ type: 'n8n-nodes-base.webhook', typeVersion: 2.1, webhookId: path },
    parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'noData', options: {} },
  });
  return path;
}

/** Publishes a workflow whose schedule is replaced, and gives the function that runs it. */
export async function publishCallable(
  { n8n, editor }: { n8n: N8n; editor: Editor },
  workflow: WorkflowFile,
  trigger: string,
): Promise<() => Promise<number>> {
  const path = callable(workflow, trigger);
  await editor.publish(workflow);
  return async () => {
    const response = await n8n.webhook(path, () => new Blob(['{}'], { type: 'application/json' }));
    await response.body?.cancel();
    return response.status;
  };
}
