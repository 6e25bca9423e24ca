import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { engineCredential, loadModels, nodeProperties, runItems } from '../common';
import { loadPresets } from './load-presets';
import { testWebhookSecret, webhookCredential } from './callback';
import { replaceBackground } from './operations/replace-background';

const operations = [replaceBackground];
const credentials = [engineCredential, webhookCredential];

export class BackgroundReplace implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Background Replace',
    name: 'backgroundReplace',
    icon: { light: 'file:backgroundReplace.svg', dark: 'file:backgroundReplace.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ [].concat($parameter["preset"] ?? []).join(", ") || { color: "Color", gradient: "Gradient", image: "Image" }[$parameter["backdrop"]] || ($parameter["prompt"] ? "Prompt" : "Studio") }}',
    description: 'Put products of photos on other backdrops, with shadows that fit, on your own hardware',
    defaults: { name: 'Background Replace' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials,
    properties: nodeProperties(operations),
  };

  methods = {
    loadOptions: { getModels: loadModels, getPresets: loadPresets },
    credentialTest: { testWebhookSecret },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, operations);
  }
}
