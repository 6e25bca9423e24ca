import { createHash } from 'node:crypto';
import { type AugmentParams, type PictureName, TARGETS, type Target, packVersion } from '../../contracts';
import { usableFor } from './cut';
import type { Digests } from './pipelines';
import { type ClassPlan, type Plan, pipelineOf, sourceOf } from './plan';
import type { Known, Records } from './records';
import type { Circumstances, State } from './state';

/** Classes that a sentence names. */
const NAMED = 3;

/** What other pictures would come of, if it were otherwise. */
export function circumstancesOf(
  plan: Plan,
  params: AugmentParams,
  { digests, backgrounds, cutter }: { digests: Digests; backgrounds: readonly PictureName[]; cutter: string },
): Circumstances {
  const told = (names: readonly string[]) => names.map((name) => `${name} (${digests.get(name)})`).join(', ');
  const shas = backgrounds.map(({ sha256 }) => sha256).sort();
  const yesOrNo = (flag: boolean) => (flag ? 'on' : 'off');
  return {
    settings: {
      version: packVersion,
      seed: String(params.seed),
      syn_pipeline: told(params.syn_pipeline),
      real_pipeline: told(params.real_pipeline),
      size: String(params.size ?? "the sources'"),
      format: params.format,
      quality: params.format === 'png' ? 'all' : String(params.quality),
      distractors: yesOrNo(params.distractors),
      occluders: yesOrNo(params.occluders),
      include_unsure: yesOrNo(params.include_unsure),
      split: params.split?.join(', ') ?? 'none',
      backgrounds: shas.length ? `${shas.length} pictures (${digestOf(shas)})` : 'drawn ones',
      model: cutter,
    },
    sources: Object.fromEntries(
      plan.classes.flatMap((each) =>
        TARGETS.map((target) => [
          `${each.upc}/${target}`,
          digestOf(each[target].sources.map(({ sha256 }) => sha256).sort()),
        ]),
      ),
    ),
  };
}

/** What is otherwise than in the run before, in whole sentences. */
export function changesSince(last: Circumstances | null, now: Circumstances): string[] {
  if (!last) return [];
  const told = Object.entries(now.settings)
    .filter(([name, value]) => last.settings[name] !== undefined && last.settings[name] !== value)
    .map(([name, value]) => `${name} was ${last.settings[name]} in the run before and is ${value} now.`);
  const classes = new Set<string>();
  for (const place of new Set([...Object.keys(last.sources), ...Object.keys(now.sources)]))
    if (last.sources[place] !== now.sources[place]) classes.add(place.slice(0, place.lastIndexOf('/')));
  if (!classes.size) return told;
  const some = [...classes].slice(0, NAMED).join(', ');
  const rest = classes.size > NAMED ? ' and others' : '';
  return [
    ...told,
    `The sources of ${classes.size === 1 ? 'a class' : `${classes.size} classes`} are others than in the run before: ${some}${rest}.`,
  ];
}

/** What tells whether a picture would come out the same today. */
interface Today {
  params: AugmentParams;
  digests: Digests;
  records: Records;
  state: State;
}

/** How many pictures of each class are there that would come out otherwise today, and why, in whole sentences. */
export function staleOf({ classes }: Plan, today: Today): Map<string, string> {
  const told = new Map<string, string>();
  for (const each of classes) {
    const reasons = new Map<string, number>();
    for (const target of TARGETS) count(each, target, today, reasons);
    if (!reasons.size) continue;
    const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ');
    told.set(
      each.upc,
      `Pictures that are there would come out otherwise today: ${list}. They count; delete them to have them made anew.`,
    );
  }
  return told;
}

function count(plan: ClassPlan, target: Target, today: Today, reasons: Map<string, number>): void {
  const { params, records, state } = today;
  const { sources, fallback } = plan[target];
  const shas = new Set([...sources, ...fallback].map(({ sha256 }) => sha256));
  const usable = usableFor(target, plan[target], state, params.include_unsure);
  // Which picture has which source is known when it is known which can be cut out.
  const isKnown = target === 'real' || sources.every(({ sha256 }) => state.cutouts.has(sha256));
  const expected = (index: number) =>
    isKnown && usable.length ? sourceOf(params.seed, plan.upc, target, index, usable).sha256 : undefined;
  for (const file of plan.class.folder.made[target]) {
    const known = records.get(file);
    const reason = known ? reasonOf(known, today, shas, expected) : 'have no record';
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
}

function reasonOf(
  { seed, pipeline, digest, index, target, source }: Known,
  { params, digests }: Today,
  shas: ReadonlySet<string>,
  expected: (index: number) => string | undefined,
): string | undefined {
  if (seed !== params.seed) return 'are of another seed';
  const names = target === 'syn' ? params.syn_pipeline : params.real_pipeline;
  if (pipeline !== pipelineOf(names, index) || digests.get(pipeline) !== digest)
    return 'are of another pipeline';
  if (!shas.has(source)) return 'are of a source that is gone or not for training';
  const now = expected(index);
  return now !== undefined && now !== source ? 'are of another source' : undefined;
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
