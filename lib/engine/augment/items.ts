import {
  type AugmentItem,
  type AugmentTotals,
  type FilledTarget,
  type LeftOut,
  type PictureDone,
  type Target,
} from '../../contracts';
import { doubtOf } from './cut';
import type { ClassPlan } from './plan';
import type { State } from './state';

/** What became of each class, told as it comes. */
export class Items {
  private readonly items = new Map<string, AugmentItem>();

  constructor(plans: readonly ClassPlan[]) {
    for (const plan of plans) this.items.set(plan.upc, itemOf(plan));
  }

  get all(): AugmentItem[] {
    return [...this.items.values()];
  }

  of(upc: string): AugmentItem {
    return this.items.get(upc)!;
  }

  made({ record }: PictureDone): void {
    const filled = this.of(record.upc)[record.target];
    const { pipeline } = record.augmentation;
    filled.produced++;
    filled.missing--;
    filled.pipelines[pipeline] = (filled.pipelines[pipeline] ?? 0) + 1;
  }

  failed(upc: string, left: LeftOut): void {
    this.of(upc).failed.push(left);
  }

  /** Tells of sources that could not be cut well. */
  doubt(plan: ClassPlan, state: State, includeUnsure: boolean): void {
    const item = this.of(plan.upc);
    for (const { file, sha256 } of plan.class.sources) {
      const known = state.cutouts.get(sha256);
      const doubt = known && doubtOf(known);
      if (doubt) item.unsure.push({ file, ...doubt, used: includeUnsure && !('error' in known) });
    }
  }

  get totals(): AugmentTotals {
    const { all } = this;
    const sum = (part: (item: AugmentItem) => number) => all.reduce((total, item) => total + part(item), 0);
    const filled = (target: Target) => ({
      target: sum((item) => item[target].target),
      existing: sum((item) => item[target].existing),
      originals: sum((item) => item[target].originals),
      produced: sum((item) => item[target].produced),
      missing: sum((item) => item[target].missing),
    });
    return {
      classes: all.length,
      sources: sum(({ sources }) => sources),
      ...{ syn: filled('syn'), real: filled('real') },
      skipped: sum(({ skipped }) => skipped.length),
      duplicates: sum(({ duplicates }) => duplicates.length),
      unsure: sum(({ unsure }) => unsure.length),
      failed: sum(({ failed }) => failed.length),
    };
  }
}

function itemOf(plan: ClassPlan): AugmentItem {
  const { sources, skipped, duplicates, warnings } = plan.class;
  const filled = (target: Target): FilledTarget => {
    const { existing, originals, indexes, target: wanted } = plan[target];
    return { target: wanted, existing, originals, produced: 0, pipelines: {}, missing: indexes.length };
  };
  return {
    upc: plan.upc,
    ...{ syn: filled('syn'), real: filled('real') },
    sources: sources.length,
    ...{ skipped, duplicates, unsure: [], failed: [] },
    borders: sources.flatMap(({ file, survey: { border } }) =>
      border ? [{ file, action: `${border.action}: ${border.sides.join(', ')} (${border.color})` }] : [],
    ),
    warnings: [...warnings],
  };
}
