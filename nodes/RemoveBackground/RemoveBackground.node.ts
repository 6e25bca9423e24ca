import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { engineCredential, loadModels, nodeProperties, runItems } from '../common';
import { frontAndBack, geminiCredential } from './operations/front-and-back';
import { getMask } from './operations/get-mask';
import { removeBackground } from './operations/remove-background';
import { softenBackground } from './operations/soften-background';

const operations = [removeBackground, softenBackground, getMask, frontAndBack];
const credentials = [engineCredential, geminiCredential];

export class RemoveBackground implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Remove Background',
    name: 'removeBackground',
    icon: { light: 'file:removeBackground.svg', dark: 'file:removeBackground.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ { softenBackground: "Soften Background", getMask: "Get Mask", processFrontAndBack: "Front and Back" }[$parameter["operation"]] ?? ($parameter["background"] === "color" ? "Plain Color" : "Transparent") }}',
    description: 'Cut products out of photos on your own hardware',
    defaults: { name: 'Remove Background' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials,
    properties: nodeProperties(operations),
  };

  methods = { loadOptions: { getModels: loadModels } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, operations);
  }
}
