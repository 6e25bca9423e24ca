import { type AugmentParams, type SplitSide, TARGETS, type Target } from '../../contracts';
import { choose } from './choose';
import type { ClassOriginals, Original } from './originals';
import { indexesOf } from './scan';
import { splitOf } from './split';

/** Products of other classes that may stand in the pictures of one class. */
const OTHERS = 8;

/** What is to be done for one target of a class. */
export interface TargetPlan {
  target: number;
  /** Pictures that are there, and those among them that are not made. */
  existing: number;
  originals: number;
  /** Numbers of the pictures that are to be made, in their order. */
  indexes: number[];
  /** What they may be made of, as far as the cuts allow it; and in their place, where these allow none of them. */
  sources: Original[];
  fallback: Original[];
}

export interface ClassPlan extends Record<Target, TargetPlan> {
  upc: string;
  class: ClassOriginals;
}

export interface Plan {
  classes: ClassPlan[];
  /** Originals of each side; null without a split. */
  split: Record<SplitSide, number> | null;
  /** The side of each original that can be read. */
  sides: Map<string, SplitSide>;
}

/** Decides which pictures are missing, and what they may be made of: originals of the training side only. */
export function planOf(classes: readonly ClassOriginals[], params: AugmentParams): Plan {
  const all = classes.flatMap(({ readable }) => readable);
  const sides = splitOf(params.seed, params.split, all);
  const sideOf = new Map(all.map(({ file }, at) => [file, sides[at]]));
  const split = { train: 0, val: 0, test: 0 };
  for (const side of sides) split[side]++;
  return {
    classes: classes.map((each) => planClass(each, params, sideOf)),
    split: params.split ? split : null,
    sides: sideOf,
  };
}

function planClass(
  own: ClassOriginals,
  params: AugmentParams,
  sideOf: ReadonlyMap<string, SplitSide>,
): ClassPlan {
  const training = own.sources.filter(({ file }) => sideOf.get(file) === 'train');
  const of = (target: Target) => training.filter((each) => each.target === target);
  const [synthetic, real] = [of('syn'), of('real')];
  return {
    upc: own.folder.upc,
    class: own,
    syn: {
      ...countsOf(own, 'syn', params.syn_target),
      ...(synthetic.length ? { sources: synthetic, fallback: real } : { sources: real, fallback: [] }),
    },
    real: { ...countsOf(own, 'real', params.real_target), sources: real, fallback: [] },
  };
}

function countsOf(
  own: ClassOriginals,
  kind: Target,
  target: number,
): Omit<TargetPlan, 'sources' | 'fallback'> {
  const originals = own.readable.filter((each) => each.target === kind).length;
  const made = own.folder.made[kind];
  const existing = originals + made.length;
  const taken = indexesOf(made);
  const indexes: number[] = [];
  for (let index = 0; indexes.length < target - existing; index++) if (!taken.has(index)) indexes.push(index);
  return { target, existing, originals, indexes };
}

/** How many pictures a plan asks for. */
export function wantedOf({ classes }: Plan): number {
  return classes.reduce(
    (sum, each) => sum + TARGETS.reduce((part, target) => part + each[target].indexes.length, 0),
    0,
  );
}

/** The products of other classes that may stand in a class's synthetic pictures; each place is decided by itself. */
export function othersOf(upc: string, seed: number, { classes }: Plan): Original[] {
  const others = classes.filter((each) => each.upc !== upc).flatMap(({ syn }) => syn.sources);
  if (!others.length) return [];
  return Array.from({ length: OTHERS }, (_, place) => choose(['beside', seed, upc, place], others));
}

/** What the picture of a number is made of. */
export function sourceOf(
  seed: number,
  upc: string,
  target: Target,
  index: number,
  sources: readonly Original[],
) {
  return choose([seed, upc, target, index], sources);
}

/** The pipeline of a number: they take turns. */
export function pipelineOf(names: readonly string[], index: number): string {
  return names[index % names.length];
}
