import { type AugmentParams, SPLIT_SIDES } from '../../contracts';
import type { Companion } from './companion';
import { usableOutline } from './cut';
import { type Labelled, labelOf, labelOfOriginal, writeCoco, writeYolo } from './labels';
import type { Plan } from './plan';
import type { Records } from './records';
import type { State } from './state';

/**
 * Writes what lies beside the data set, but for records and state: sides of a split, labels.
 * @param root of the data set
 * @returns warnings
 */
export async function writeAside(
  root: string,
  plan: Plan,
  { split, labels, include_unsure }: AugmentParams,
  { companion, records, state }: { companion: Companion; records: Records; state: State },
): Promise<string[]> {
  if (split) {
    const files = Object.fromEntries([...plan.sides, ...records.files.map((file) => [file, 'train'])]);
    await companion.write('splits.json', `${JSON.stringify({ shares: split, files }, null, 1)}\n`);
  }
  if (labels === 'none') return [];
  const originals = plan.classes.flatMap((each) => each.class.labelled);
  const known = originals.flatMap((original) => {
    const outline = usableOutline(original, state, include_unsure);
    return outline ? [labelOfOriginal(original, plan.sides.get(original.file)!, outline)] : [];
  });
  async function* all(): AsyncGenerator<Labelled> {
    yield* known;
    for await (const done of records.all()) {
      const label = labelOf(done);
      if (label) yield label;
    }
  }
  const labelling = {
    ...{ companion, dataset: root, all },
    classes: plan.classes.map(({ upc }) => upc),
    sides: split ? SPLIT_SIDES.slice(0, split.length) : (['train'] as const),
  };
  const warnings = known.length < originals.length ? [notLabelled(originals.length - known.length)] : [];
  if (labels !== 'yolo') await writeCoco(labelling);
  return labels === 'coco' ? warnings : [...warnings, ...(await writeYolo(labelling))];
}

function notLabelled(count: number): string {
  const pictures = count === 1 ? '1 original has' : `${count} originals have`;
  return `${pictures} no label: what the product is could not be told for sure. They are named among the unsure ones; set include_unsure if their cutouts are good, or choose another model.`;
}
