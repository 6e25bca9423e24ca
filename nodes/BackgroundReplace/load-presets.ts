import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { type PresetSummary, VitrineError } from '../../lib/contracts';
import { clientFor, toNodeError } from '../common';
import { PRESETS } from './presets';

/** Where there is no engine to ask, or one that is older than the question. */
const NO_ANSWER = ['ENGINE_UNREACHABLE', 'NOT_FOUND'];

/** Fills the preset dropdown: those of the engine, the user's own first; those of the package where none answers. */
export async function loadPresets(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  try {
    const client = await clientFor(this, this.getCurrentNodeParameter('engineLocation'));
    const presets = (await client.presets()) ?? [];
    const own = presets.filter((preset) => preset.own).map(optionOf);
    const packaged = PRESETS.filter(({ value }) => own.every((option) => option.value !== value));
    return [...own, ...packaged];
  } catch (error) {
    if (error instanceof VitrineError && NO_ANSWER.includes(error.code)) return PRESETS;
    throw toNodeError(this.getNode(), error);
  }
}

function optionOf({ name, description, backdrop }: PresetSummary): INodePropertyOptions {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const about = ['Your own', description.replace(/\.$/, ''), backdrop === 'generated' && 'needs a generator'];
  return { name: words.join(' '), value: name, description: about.filter(Boolean).join('; ') };
}
