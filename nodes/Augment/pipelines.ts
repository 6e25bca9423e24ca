import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { type PipelineSummary, VitrineError } from '../../lib/contracts';
import { clientFor, toNodeError } from '../common';

/** Where there is no engine to ask, or one that is older than the question. */
const NO_ANSWER = ['ENGINE_UNREACHABLE', 'NOT_FOUND'];

/**
 * The pipelines of models/augmentations.yaml, for an editor with no engine to ask; test/nodes/Augment.test.ts keeps them
 * together.
 */
export const PIPELINES: INodePropertyOptions[] = [
  { name: 'Heavy', value: 'heavy', description: 'Changes pictures a lot' },
  { name: 'Light', value: 'light', description: 'Changes pictures a little' },
  { name: 'Real', value: 'real', description: 'As another camera on another day takes them' },
];

/** Fills the lists of pipelines: those of the engine, the user's own first; those of the package where none answers. */
export async function loadPipelines(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  try {
    const client = await clientFor(this, this.getCurrentNodeParameter('engineLocation'));
    const pipelines = (await client.pipelines()) ?? [];
    const own = pipelines.filter(({ name }) => PIPELINES.every(({ value }) => value !== name));
    return [...own.map(optionOf), ...PIPELINES];
  } catch (error) {
    if (error instanceof VitrineError && NO_ANSWER.includes(error.code)) return PIPELINES;
    throw toNodeError(this.getNode(), error);
  }
}

function optionOf({ name, description }: PipelineSummary): INodePropertyOptions {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return {
    name: words.join(' '),
    value: name,
    description: ['Your own', description.replace(/\.$/, '')].filter(Boolean).join('; '),
  };
}
