import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import type { ModelSummary } from '../../lib/contracts';
import { engineCredential, type LoopDefaults, modelLoader, nodeProperties, runItems } from '../common';
import { segment } from './operations/segment';
import { serviceCredentials } from './services';

const operations = [segment];
const credentials = [engineCredential, ...serviceCredentials];
/** A video takes minutes, and keeps a worker busy by itself. */
const usual: LoopDefaults = { itemsInParallel: 1, timeout: 3600 };

/** Frames are cut by networks only. */
const isNetwork = ({ task, id }: ModelSummary) =>
  task === 'tracking' || (task === 'cutout' && id !== 'plain');

export class VideoSegment implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Video Segment',
    name: 'videoSegment',
    icon: { light: 'file:videoSegment.svg', dark: 'file:videoSegment.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ $parameter["output"] === "oneItem" ? "One Item" : "Frames" }}{{ $parameter["findBy"] === "prompt" && $parameter["prompt"] ? ": " + $parameter["prompt"] : "" }}',
    description: 'Cut products out of videos into clean, centered frames, on your own hardware',
    defaults: { name: 'Video Segment' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials,
    properties: nodeProperties(operations, usual),
  };

  methods = { loadOptions: { getModels: modelLoader(isNetwork) } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, operations, usual);
  }
}
