import { type AugmentParams, TARGETS, type Target } from '../../contracts';
import { asSource, composable, usableFor } from './cut';
import type { Items } from './items';
import type { Batch } from './make';
import { madeName } from './names';
import type { Original } from './originals';
import { type ClassPlan, type Plan, othersOf, pipelineOf, sourceOf, wantedOf } from './plan';
import type { State } from './state';

const INSTEAD =
  'The synthetic pictures are made of real photos: none of the synthetic ones could be cut out well enough.';
const UNCUT =
  'The synthetic pictures are the photos themselves, varied, without other backgrounds and labels: none could be cut out well enough. Look at those that are unsure; set include_unsure if they are good, or choose another model.';

/** Sources whose cutouts are needed: those of what is missing, what may stand beside it, and what gets a label. */
export function cutsFor(plan: Plan, params: AugmentParams): Original[] {
  const labelled = params.labels === 'none' ? [] : plan.classes.flatMap((each) => each.class.sources);
  return [...labelled, ...(wantedOf(plan) ? cutsToMake(plan, params) : [])];
}

function cutsToMake(plan: Plan, params: AugmentParams): Original[] {
  return plan.classes.flatMap((each) => {
    const own = TARGETS.flatMap((target) => (each[target].indexes.length ? each[target].sources : []));
    const isComposed = each.syn.indexes.length > 0 && (params.distractors || params.occluders);
    return isComposed ? [...own, ...othersOf(each.upc, params.seed, plan)] : own;
  });
}

/** And those that take the place of a class's synthetic pictures, none of which could be cut out well. */
export function cutsInstead({ classes }: Plan, state: State, includeUnsure: boolean): Original[] {
  return classes.flatMap(({ syn }) =>
    syn.indexes.length && !composable(syn.sources, state, includeUnsure).length ? syn.fallback : [],
  );
}

interface Batching {
  plan: Plan;
  params: AugmentParams;
  state: State;
  items: Items;
}

/** All that is to be made, each picture with its source; a target that nothing can be made for says why in `items`. */
export function batchesOf(batching: Batching): Batch[] {
  return batching.plan.classes.flatMap((each) =>
    TARGETS.flatMap((target) => batchOf(each, target, batching) ?? []),
  );
}

function batchOf(
  own: ClassPlan,
  target: Target,
  { plan, params, state, items }: Batching,
): Batch | undefined {
  const { upc } = own;
  const { seed, size, format, quality, distractors, occluders } = params;
  const { indexes } = own[target];
  if (!indexes.length) return undefined;
  const source = (original: Original) => asSource(original, state, params.include_unsure);
  const usable = usableFor(target, own[target], state, params.include_unsure);
  if (!usable.length) {
    items.of(upc).warnings.push(nothingToUse(own, target));
    return undefined;
  }
  if (own[target].fallback.includes(usable[0])) items.of(upc).warnings.push(INSTEAD);
  else if (target === 'syn' && source(usable[0]).cut === null) items.of(upc).warnings.push(UNCUT);
  const names = target === 'syn' ? params.syn_pipeline : params.real_pipeline;
  const requests = indexes.map((index) => ({
    file: `${own.class.folder.folders[target]}/${madeName(index, format)}`,
    ...{ seed, upc, target, index, size, format, quality, distractors, occluders },
    pipeline: pipelineOf(names, index),
    source: source(sourceOf(seed, upc, target, index, usable)),
  }));
  const others = target === 'syn' && (distractors || occluders) ? othersOf(upc, seed, plan) : [];
  return { upc, target, requests, distractors: others.map(source).filter(({ cut }) => cut !== null) };
}

function nothingToUse(own: ClassPlan, target: Target): string {
  const made = target === 'syn' ? 'No synthetic pictures were made' : 'No real pictures were made';
  if (!own.class.readable.length) return `${made}: the class has no picture that can be read.`;
  const what = target === 'syn' ? 'picture' : 'real photo';
  return `${made}: the class has no ${what} that is for training and in no other class.`;
}
