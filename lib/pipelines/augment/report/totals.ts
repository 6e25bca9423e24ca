import type { AugmentItem, FilledTarget } from '../../../contracts';
import { percent, thousands } from './charts';
import type { ClassFigures } from './gather';
import { type Markup, markup } from './markup';

/** A row for each class: what there is of it, what is missing, how it is mixed. */
export function totalsTable(classes: readonly ClassFigures[], sums: Sums): Markup {
  return markup`<div class="scroll"><table>
<thead><tr><th>UPC</th><th>Synthetic</th><th>Real</th><th>Mix</th><th>Looks</th><th>To look at</th></tr></thead>
<tbody>${classes.map(row)}</tbody>
<tfoot><tr><td>${plural(classes.length, 'class', 'classes')}</td><td>${reached(sums.syn)}</td><td>${reached(sums.real)}</td><td>${mixWords(sums)}</td><td></td><td></td></tr></tfoot>
</table></div>`;
}

export type Sums = Record<
  'syn' | 'real',
  Pick<FilledTarget, 'target' | 'existing' | 'originals' | 'produced' | 'missing'>
>;

function row(each: ClassFigures, index: number): Markup {
  const { item, made, alike } = each;
  const doubts = doubtsOf(each);
  return markup`<tr>
<td><a href="#class-${index + 1}">${item.upc}</a><small>${plural(item.sources, 'source')}</small></td>
<td>${progress(item.syn, 'syn')}</td><td>${progress(item.real, 'real')}</td>
<td>${mixBar(item)}<small>${mixWords(item)}</small></td>
<td>${made ? markup`${percent(1 - alike / made)}<small>${thousands(made - alike)} of ${thousands(made)}</small>` : '–'}</td>
<td>${doubts.length ? doubts.map((doubt) => markup`<small>${doubt}</small>`) : markup`<small>nothing</small>`}</td>
</tr>`;
}

/** What of a class a person should look at, in a few words each. */
export function doubtsOf({ item, low, clipped }: ClassFigures): string[] {
  const told: [number, string][] = [
    [item.skipped.length, 'cannot be read'],
    [item.failed.length, 'could not be made'],
    [item.unsure.length, 'unsure cut'],
    [item.duplicates.length, 'copies'],
    [low, 'hidden'],
    [clipped, 'clipped'],
  ];
  return told.filter(([count]) => count).map(([count, what]) => `${thousands(count)} ${what}`);
}

/** How far a target is filled: originals, what earlier runs made, what this one made. */
function progress(
  { target, existing, originals, produced, missing }: FilledTarget,
  kind: 'syn' | 'real',
): Markup {
  const whole = Math.max(target, existing + produced, 1);
  const width = (count: number) => `${Math.round((1000 * count) / whole) / 10}%`;
  const parts = [
    [originals, 'own', originals === 1 ? 'original' : 'originals'],
    [existing - originals, `${kind} before`, 'made before'],
    [produced, kind, 'made now'],
  ] as const;
  const told = [
    ...parts.filter(([count]) => count > 0).map(([count, , words]) => `${thousands(count)} ${words}`),
    ...(missing > 0 ? [`${thousands(missing)} missing`] : []),
  ];
  return markup`${reached({ target, existing, produced })}
<span class="bar">${parts.map(([count, name, words]) => count > 0 && markup`<i class="${name}" style="width:${width(count)}" title="${thousands(count)} ${words}"></i>`)}</span>
<small>${told.join(', ')}</small>`;
}

function reached({
  target,
  existing,
  produced,
}: Pick<FilledTarget, 'target' | 'existing' | 'produced'>): string {
  return `${thousands(existing + produced)} of ${thousands(target)}`;
}

function mixBar(counts: Pick<AugmentItem, 'syn' | 'real'>): Markup {
  const share = realShare(counts);
  if (share === null) return markup``;
  return markup`<span class="bar"><i class="syn" style="width:${percent(1 - share, 1).replace(' ', '')}"></i><i class="real" style="width:${percent(share, 1).replace(' ', '')}"></i></span>`;
}

function mixWords(counts: Sums): string {
  const share = realShare(counts);
  return share === null ? 'no pictures' : `${percent(share)} real`;
}

/** Real pictures among all of them, 0..1; null where there are none at all. */
export function realShare({ syn, real }: Sums): number | null {
  const [made, photos] = [syn, real].map(({ existing, produced }) => existing + produced);
  return made + photos ? photos / (made + photos) : null;
}

/** A number with its noun. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}
