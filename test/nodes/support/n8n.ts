import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n reads these while it is imported.
const userFolder = mkdtempSync(join(tmpdir(), 'vitrine-n8n-'));
const removeUserFolder = () => rmSync(userFolder, { recursive: true, force: true });
if (typeof afterAll === 'function') afterAll(removeUserFolder);
else process.once('exit', removeUserFolder);
process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY ??= 'only-for-tests';
process.env.N8N_LOG_LEVEL ??= 'silent';

import { SecurityConfig } from '@n8n/config';
import { Container } from '@n8n/di';
import {
  BinaryDataConfig,
  BinaryDataService,
  ExecutionLifecycleHooks,
  PackageDirectoryLoader,
  WorkflowExecute,
} from 'n8n-core';
import {
  NodeConnectionTypes,
  Workflow,
  createRunExecutionData,
  type IBinaryData,
  type ICredentialDataDecryptedObject,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
  type INodeExecutionData,
  type INodeType,
  type INodeTypes,
  type IRun,
  type IWorkflowBase,
  type IWorkflowExecuteAdditionalData,
  type WorkflowExecuteMode,
} from 'n8n-workflow';

const ROOT = join(__dirname, '..', '..', '..');

/** Loads the pack as n8n does; from the sources unless `built` is asked for. */
class PackLoader extends PackageDirectoryLoader {
  constructor(private readonly built: boolean) {
    super(ROOT);
  }

  protected override resolvePath(file: string): string {
    const path = super.resolvePath(file);
    return this.built ? path : path.replace(join(ROOT, 'dist'), ROOT).replace(/\.js$/, '.ts');
  }
}

export async function loadPack({ built = false } = {}): Promise<PackageDirectoryLoader> {
  const loader = new PackLoader(built);
  await loader.loadAll();
  return loader;
}

/** A picture that the stand-in source node puts into an item's data field. */
export interface SourceFile {
  content: Buffer;
  fileName?: string;
  mimeType?: string;
}

export interface SourceItem {
  json?: IDataObject;
  files?: Record<string, SourceFile>;
}

export interface RunOptions {
  items?: SourceItem[];
  /** Stand-ins for nodes that are not in this package, by type. */
  standIns?: Record<string, INodeType>;
  credentials?: Record<string, ICredentialDataDecryptedObject>;
  mode?: WorkflowExecuteMode;
  /** Told every message for the editor. */
  onMessage?(message: string): void;
  /** Handed the function that cancels the run. */
  onStart?(cancel: () => void): void;
}

export type Output = INodeExecutionData & { json: IDataObject };

/** What a run left, in terms of one node. */
export interface Finished {
  run: IRun;
  /** Items of a node's output. */
  output(node: string, index?: number): Output[];
  error(node: string): (Error & { description?: string; context?: IDataObject }) | undefined;
  hints(node: string): string[];
}

/** Chooses where n8n keeps files: in the items (`default`) or on disk. */
export async function useBinaryMode(mode: 'default' | 'filesystem'): Promise<void> {
  Container.get(BinaryDataConfig).mode = mode;
  await Container.get(BinaryDataService).init();
}

/** Lets nodes use files below a folder, as N8N_RESTRICT_FILE_ACCESS_TO does. */
export function allowFilesIn(folder: string): void {
  Container.get(SecurityConfig).restrictFileAccessTo = folder;
}

/** The bytes of a file that a node put out. */
export async function contentOf(file: IBinaryData): Promise<Buffer> {
  return await Container.get(BinaryDataService).getAsBuffer(file);
}

/**
 * A node type that passes its input on, or does what it is given.
 * @param parameters names of the text parameters that it reads; n8n drops all others
 */
export function standIn(
  name: string,
  execute?: (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>,
  parameters: string[] = [],
): INodeType {
  return {
    description: {
      displayName: name,
      name,
      group: ['transform'],
      version: [1, 1.1, 1.2, 1.3, 2, 2.1],
      description: name,
      defaults: { name },
      inputs: [NodeConnectionTypes.Main],
      outputs: [NodeConnectionTypes.Main],
      properties: parameters.map((name) => ({ displayName: name, name, type: 'string', default: '' })),
    },
    execute:
      execute ??
      async function () {
        return [this.getInputData()];
      },
  };
}

/** A stand-in that puts the run's items out, their files stored as n8n stores them. */
export function sourceOf(items: SourceItem[]): INodeType {
  return standIn('source', async function () {
    const out = items.map(async ({ json = {}, files = {} }, item): Promise<INodeExecutionData> => {
      const binary: Record<string, IBinaryData> = {};
      for (const [field, { content, fileName, mimeType }] of Object.entries(files)) {
        binary[field] = await this.helpers.prepareBinaryData(content, fileName, mimeType);
      }
      return { json, ...(Object.keys(files).length ? { binary } : {}), pairedItem: { item } };
    });
    return [await Promise.all(out)];
  });
}

/** Runs a workflow from its first node to its end through n8n's own executor. */
export async function runWorkflow(
  pack: PackageDirectoryLoader,
  definition: Pick<IWorkflowBase, 'nodes' | 'connections' | 'settings'>,
  options: RunOptions = {},
): Promise<Finished> {
  const { mode = 'manual', credentials = {} } = options;
  const workflow = new Workflow({
    id: 'test',
    name: 'test',
    active: false,
    nodeTypes: nodeTypes(pack, { 'test.source': sourceOf(options.items ?? []), ...options.standIns }),
    ...definition,
  });
  const additionalData = {
    executionId: '1',
    restApiUrl: 'http://127.0.0.1/rest',
    instanceBaseUrl: 'http://127.0.0.1/',
    formWaitingBaseUrl: 'http://127.0.0.1/form',
    webhookBaseUrl: 'http://127.0.0.1/webhook',
    webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
    webhookTestBaseUrl: 'http://127.0.0.1/webhook-test',
    currentNodeExecutionIndex: 0,
    variables: {},
    hooks: new ExecutionLifecycleHooks(mode, '1', {
      id: 'test',
      name: 'test',
      ...definition,
    } as IWorkflowBase),
    credentialsHelper: {
      getDecrypted: async (_data: unknown, _node: unknown, type: string) => credentials[type],
      getParentTypes: () => [],
      isCredentialUsableByNode: () => true,
    },
    sendDataToUI: (_type: string, { messages }: { messages?: string[] }) =>
      messages?.forEach((message) => options.onMessage?.(message)),
  } as unknown as IWorkflowExecuteAdditionalData;

  const execution = new WorkflowExecute(additionalData, mode, createRunExecutionData()).run({
    workflow,
    startNode: workflow.getNode(definition.nodes[0].name)!,
  });
  options.onStart?.(() => execution.cancel());
  return summarize(await execution);
}

/** One node behind the source, with these parameters: Remove Background, unless `node` says otherwise. */
export function oneNode(parameters: IDataObject, node: Partial<INode> = {}) {
  const names = ['Photos', node.name ?? 'Remove Background'];
  return {
    nodes: [
      { id: '1', name: names[0], type: 'test.source', typeVersion: 1, position: [0, 0], parameters: {} },
      {
        id: '2',
        name: names[1],
        type: 'n8n-nodes-vitrine.removeBackground',
        typeVersion: 1,
        position: [200, 0],
        parameters,
        ...node,
      },
    ] as INode[],
    connections: { [names[0]]: { main: [[{ node: names[1], type: NodeConnectionTypes.Main, index: 0 }]] } },
    settings: { executionOrder: 'v1' } as IWorkflowBase['settings'],
  };
}

function nodeTypes(pack: PackageDirectoryLoader, standIns: Record<string, INodeType>): INodeTypes {
  const find = (type: string): INodeType => {
    if (standIns[type]) return standIns[type];
    const [packageName, name] = type.split('.');
    if (packageName !== pack.packageName) throw new Error(`The test has no stand-in for ${type}`);
    return pack.getNode(name).type as INodeType;
  };
  return { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
}

function summarize(run: IRun): Finished {
  const task = (node: string) => {
    const tasks = run.data.resultData.runData[node];
    if (!tasks) throw new Error(`${node} did not run: ${run.data.resultData.error?.message ?? run.status}`);
    return tasks[0];
  };
  return {
    run,
    output: (node, index = 0) => (task(node).data?.main[index] ?? []) as Output[],
    error: (node) => task(node).error as ReturnType<Finished['error']>,
    hints: (node) => (task(node).hints ?? []).map(({ message }) => message),
  };
}
