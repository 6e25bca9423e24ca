export { type Augmented, type Subject, applyRecord } from './apply';
export { type Pipeline, type Pipelines, findPipeline, loadPipelines, pipelineSummaries } from './pipelines';
export { Random, seedOf } from './random';
export { type AugmentationRecord, parseRecord } from './record';
export { samplePipeline } from './sample';
export { TRANSFORMS } from './transforms';
export type { Transform } from './types';
