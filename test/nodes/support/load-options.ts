import { LoadOptionsContext } from 'n8n-core';
import {
  Workflow,
  type ICredentialDataDecryptedObject,
  type ILoadOptionsFunctions,
  type INodePropertyOptions,
  type INodeType,
  type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type loadPack, oneNode, standIn } from './n8n';

type Pack = Awaited<ReturnType<typeof loadPack>>;

/** A workflow with one node of the pack. */
export function workflowOf(pack: Pack, node: string, parameters = {}): Workflow {
  const find = (type: string) =>
    type.startsWith('test.') ? standIn(type) : (pack.getNode(node).type as INodeType);
  const nodeTypes = { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
  const definition = oneNode(parameters, { credentials: { vitrineEngineApi: { id: '1', name: 'Engine' } } });
  return new Workflow({ id: 'test', active: false, nodeTypes, ...definition });
}

/** What a dropdown of a node offers, as n8n's editor asks for it. */
export async function listOptions(
  pack: Pack,
  [node, method]: [node: string, method: string],
  parameters: Record<string, string>,
  credentials?: ICredentialDataDecryptedObject,
): Promise<INodePropertyOptions[]> {
  const workflow = workflowOf(pack, node, parameters);
  const context = new LoadOptionsContext(
    workflow,
    workflow.getNode('Remove Background')!,
    {
      currentNodeParameters: parameters,
      credentialsHelper: { getDecrypted: async () => credentials, isCredentialUsableByNode: () => true },
    } as unknown as IWorkflowExecuteAdditionalData,
    'model',
  ) as unknown as ILoadOptionsFunctions;
  const { methods } = pack.getNode(node).type as INodeType;
  return (await methods!.loadOptions![method].call(context)) as INodePropertyOptions[];
}

/** Does something with a home folder of its own, and tells what was left there. */
export async function withFreshHome<T>(work: () => Promise<T>): Promise<{ result: T; left: string[] }> {
  const home = mkdtempSync(join(tmpdir(), 'vitrine-home-'));
  const before = process.env.VITRINE_HOME;
  process.env.VITRINE_HOME = home;
  try {
    return { result: await work(), left: readdirSync(home) };
  } finally {
    if (before === undefined) delete process.env.VITRINE_HOME;
    else process.env.VITRINE_HOME = before;
    rmSync(home, { recursive: true });
  }
}
