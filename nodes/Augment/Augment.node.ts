import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { engineCredential, loadModels, type LoopDefaults, nodeProperties, runItems } from '../common';
import { serviceCredentials } from './data-set';
import { augment } from './operations/augment';
import { loadPipelines } from './pipelines';

const operations = [augment];
const credentials = [engineCredential, ...serviceCredentials];
/** A data set takes hours, and keeps every core busy by itself. */
const usual: LoopDefaults = { itemsInParallel: 1, timeout: 86_400 };

export class Augment implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Augment',
    name: 'augment',
    icon: { light: 'file:augment.svg', dark: 'file:augment.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ { folder: "Folder", supabase: "Supabase", items: "Input Items" }[$parameter["source"]] ?? "Data Set" }}{{ ": " + $parameter["synTarget"] + " + " + $parameter["realTarget"] }}',
    description:
      'Top product data sets up with training pictures, made of their own photos on your own hardware',
    defaults: { name: 'Augment' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials,
    properties: nodeProperties(operations, usual),
  };

  methods = { loadOptions: { getModels: loadModels, getPipelines: loadPipelines } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, operations, usual);
  }
}
