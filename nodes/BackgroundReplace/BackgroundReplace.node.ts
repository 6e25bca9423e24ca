import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { engineCredential, loadModels, nodeProperties, runItems } from '../common';
import { testWebhookSecret, webhookCredential } from './callback';
import { generatorCredentials, loadGeneratorModels } from './generator';
import { loadPresets } from './load-presets';
import { replaceBackground } from './operations/replace-background';

const operations = [replaceBackground];
const credentials = [engineCredential, ...generatorCredentials, webhookCredential];

export class BackgroundReplace implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Background Replace',
    name: 'backgroundReplace',
    icon: { light: 'file:backgroundReplace.svg', dark: 'file:backgroundReplace.dark.svg' },
    group: ['transform'],
    // Since 1.1 a path is a choice of Input Source, in place of a field beside the data field.
    version: [1, 1.1],
    defaultVersion: 1.1,
    subtitle:
      '={{ [].concat($parameter["preset"] ?? []).join(", ") || { color: "Color", gemini: "Gemini", gradient: "Gradient", image: "Image", runway: "Runway", sdxl: "Stable Diffusion" }[$parameter["backdrop"]] || ($parameter["prompt"] ? "Prompt" : "Studio") }}',
    description: 'Put products of photos on other backdrops, with shadows that fit, on your own hardware',
    defaults: { name: 'Background Replace' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials,
    properties: nodeProperties(operations),
  };

  methods = {
    loadOptions: { getModels: loadModels, getPresets: loadPresets, getGeneratorModels: loadGeneratorModels },
    credentialTest: { testWebhookSecret },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, operations);
  }
}
