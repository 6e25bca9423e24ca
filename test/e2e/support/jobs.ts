import type { DataFolder, WorkflowFile } from './automations';
import { nodeOf } from './automations';
import type { Editor } from './editor';
import { sleep, until } from './wait';

/** Seconds for which an execution holds a job here: n8n is killed, and nobody wants to wait for long. */
export const LEASE_SECONDS = 12;

export interface JobRow {
  job_id: string;
  state: string;
  attempts: number;
  callback: string;
}

/** A workflow of jobs as it ships, but for a shorter lease, callbacks that are signed, and settings of a test's own. */
export function jobWorkflow(data: DataFolder, file: string, settings: Record<string, unknown>): WorkflowFile {
  const workflow = data.read(file);
  const values: Record<string, unknown> = { leaseSeconds: LEASE_SECONDS, ...settings };
  for (const { name, parameters } of workflow.nodes) {
    if (name === 'Settings' || name === 'Receiver')
      for (const assignment of assignmentsOf(parameters))
        assignment.value = values[assignment.name] ?? assignment.value;
    if (name === 'Call Back' || name === 'Tell It Began')
      Object.assign(parameters, {
        authentication: 'predefinedCredentialType',
        nodeCredentialType: 'vitrineWebhookApi',
      });
  }
  for (const node of workflow.nodes)
    if (node.parameters.nodeCredentialType === 'vitrineWebhookApi')
      node.credentials = { vitrineWebhookApi: { id: 'e2eWebhook000001', name: 'Webhook' } };
  return workflow;
}

function assignmentsOf(parameters: Record<string, unknown>): { name: string; value: unknown }[] {
  return (parameters.assignments as { assignments: { name: string; value: unknown }[] }).assignments;
}

/** The sweeper as it ships, but for its pace. */
export function sweeper(data: DataFolder): WorkflowFile {
  const workflow = data.read('jobs-sweeper.json');
  nodeOf(workflow, 'Every Minute').parameters.rule = {
    interval: [{ field: 'seconds', secondsInterval: 3 }],
  };
  return workflow;
}

/** Rows of jobs, in their order, once everybody is told; what the table's page shows costs n8n less than executions. */
export async function untilTold(editor: Editor, ids: string[], seconds = 60): Promise<JobRow[]> {
  return await until(
    `jobs ${ids.join(', ')} to be told`,
    async () => {
      const rows = await editor.rowsOf<JobRow>('vitrine_jobs');
      const ours = ids.map((id) => rows.find(({ job_id }) => job_id === id)!);
      if (ours.every(({ callback }) => ['delivered', 'failed'].includes(callback))) return ours;
      return void (await sleep(1000));
    },
    seconds,
  );
}
