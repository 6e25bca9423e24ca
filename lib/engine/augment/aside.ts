import { type AugmentParams, SPLIT_SIDES } from '../../contracts';
import type { Companion } from './companion';
import { type Labelled, labelOf, writeCoco, writeYolo } from './labels';
import type { Plan } from './plan';
import type { Records } from './records';

/**
 * Writes what lies beside the data set, but for records and state: sides of a split, labels.
 * @param root of the data set
 * @returns warnings
 */
export async function writeAside(
  root: string,
  plan: Plan,
  { split, labels }: AugmentParams,
  { companion, records }: { companion: Companion; records: Records },
): Promise<string[]> {
  if (split) {
    const files = Object.fromEntries([...plan.sides, ...records.files.map((file) => [file, 'train'])]);
    await companion.write('splits.json', `${JSON.stringify({ shares: split, files }, null, 1)}\n`);
  }
  if (labels === 'none') return [];
  async function* all(): AsyncGenerator<Labelled> {
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
  if (labels !== 'yolo') await writeCoco(labelling);
  return labels === 'coco' ? [] : writeYolo(labelling);
}
