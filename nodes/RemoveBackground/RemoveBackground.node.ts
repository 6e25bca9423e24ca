import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { loadModels } from '../common';
import { executeRemoveBackground } from './execute';
import { options } from './options';
import { mainProperties } from './properties';

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
    credentials: [
      {
        name: 'vitrineEngineApi',
        required: true,
        displayOptions: { show: { engineLocation: ['remote'] } },
      },
      {
        // Optional: an engine may have a key of its own.
        name: 'vitrineGeminiApi',
        required: false,
        displayOptions: { show: { operation: ['processFrontAndBack'], cleanUp: [true] } },
      },
    ],
    properties: [...mainProperties, options],
  };

  methods = { loadOptions: { getModels: loadModels } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await executeRemoveBackground(this);
  }
}
