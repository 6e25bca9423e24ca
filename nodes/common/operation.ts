import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { EngineClient, JobOptions } from '../../lib/engine/client';
import { engineLocation } from './engine';
import { type LoopDefaults, PHOTO_LOOP, loopOptions } from './options';

/** One input item on its way through an operation. */
export interface ItemRun {
  context: IExecuteFunctions;
  client: EngineClient;
  item: INodeExecutionData;
  /** Place of the item in the input, from 0. */
  index: number;
  /** A parameter above Options, as it is for this item; undefined where the editor does not show it. */
  value(name: string): unknown;
  /** What was added to Options. */
  options: IDataObject;
  /** For the client's methods: stops with the node, keeps to Timeout, tells the editor how far the job is. */
  job: JobOptions & { signal: AbortSignal };
  /**
   * To be told once, when the files are here.
   * @param summary by what and how fast, such as `plain on cpu in 310 ms`
   * @param notes what the reader should know
   */
  onDone(summary: string, notes: readonly string[]): void;
}

/** One thing that a node can do: what it asks for, and how an item is worked on. One file each. */
export interface Operation {
  /** As saved workflows have it. */
  value: string;
  name: string;
  action: string;
  description: string;
  /** Parameters above Options, in the order of the editor. Several operations may share one. */
  properties: INodeProperties[];
  /** What can be added to Options, besides what all operations have; sorted by the node. */
  options: INodeProperties[];
  /**
   * @returns the output item, or several in their order
   * @throws VitrineError, NodeOperationError
   */
  run(item: ItemRun): Promise<INodeExecutionData | INodeExecutionData[]>;
}

/**
 * All properties of a node: where its engine is, its operations, and each of their properties where an operation that
 * has it is chosen. A node with one operation does not ask for it.
 * @param operations the first one is the default; a property that several have must be the same object in each
 * @param usual what its item loop does where the user says nothing; left out: what suits photos
 */
export function nodeProperties(
  operations: readonly Operation[],
  usual: LoopDefaults = PHOTO_LOOP,
): INodeProperties[] {
  const loop = loopOptions(usual);
  const all = operations.map(({ options, ...operation }) => ({
    ...operation,
    options: [...options, ...loop],
  }));
  return [
    engineLocation,
    ...(operations.length > 1 ? [operationChoice(operations)] : []),
    ...merged(all, 'properties', 'operation'),
    {
      displayName: 'Options',
      name: 'options',
      type: 'collection',
      placeholder: 'Add option',
      default: {},
      options: merged(all, 'options', '/operation').sort((a, b) =>
        a.displayName.localeCompare(b.displayName),
      ),
    },
  ];
}

function operationChoice(operations: readonly Operation[]): INodeProperties {
  const standard = operations[0].value;
  return {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    options: operations
      .map(({ name, value, action, description }) => ({ name, value, action, description }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    default: standard,
  };
}

/** Each property once, shown with the operations that have it. */
function merged(
  operations: readonly Operation[],
  kind: 'properties' | 'options',
  parameter: string,
): INodeProperties[] {
  return [...new Set(operations.flatMap((operation) => operation[kind]))].map((property) => {
    const having = operations.filter((operation) => operation[kind].includes(property));
    if (having.length === operations.length) return property;
    const show = { ...property.displayOptions?.show, [parameter]: having.map(({ value }) => value) };
    return { ...property, displayOptions: { ...property.displayOptions, show } };
  });
}
