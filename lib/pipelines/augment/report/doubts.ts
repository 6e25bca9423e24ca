import type { AugmentItem } from '../../../contracts';
import { percent } from './charts';
import type { ClassFigures, Gathered } from './gather';
import { type Markup, markup } from './markup';
import type { Thumbnails } from './pictures';
import { plural } from './totals';

/** Names in one list at most. */
const LISTED = 60;

/** What a person should look at, with pictures where there are any; what there is none of is left out. */
export function doubts(gathered: Gathered, thumbnails: Thumbnails): Markup[] {
  const { classes, low, clipped, alike } = gathered;
  const all = <T>(pick: (item: AugmentItem) => readonly T[]) => classes.flatMap(({ item }) => pick(item));
  const sum = (pick: (each: ClassFigures) => number) =>
    classes.reduce((total, each) => total + pick(each), 0);
  const made = sum((each) => each.made);
  const likeEarlier = sum((each) => each.alike);
  const cards = [
    card(
      all(({ skipped }) => skipped),
      (count) => `${plural(count, 'picture')} cannot be read`,
      'They were left out and changed nothing else. Mend or delete them, and run again.',
      ({ file, reason }) => markup`<code>${file}</code> ${reason}`,
    ),
    card(
      all(({ failed }) => failed),
      (count) => `${plural(count, 'picture')} could not be made`,
      'All others were. The next run tries them again.',
      ({ file, reason }) => markup`<code>${file}</code> ${reason}`,
    ),
    card(
      all(({ unsure }) => unsure),
      (count) => `${plural(count, 'cutout')} a person should look at`,
      'The network was not sure where the product ends.',
      ({ file, reason, confidence, used }) =>
        markup`<code>${file}</code> ${reason.replace(/\.$/, '')} (sure to ${percent(confidence)}; ${used ? 'used all the same' : 'left out of compositions'})`,
      (shown) => shown.slice(0, 24).map(({ file }) => thumbnails.figure({ file })),
    ),
    card(
      all(({ duplicates }) => duplicates),
      (count) => `${plural(count, 'exact copy', 'exact copies')}`,
      'Byte for byte the same. They count as pictures that are there, and nothing is made of them twice.',
      ({ file, of }) => markup`<code>${file}</code> is <code>${of}</code>`,
    ),
    card(
      all(({ borders }) => borders),
      (count) => `${plural(count, 'source')} with a border`,
      'A uniform border or bars around the picture would be learned as a part of it.',
      ({ file, action }) => markup`<code>${file}</code> ${action}`,
    ),
    low.count > 0 &&
      markup`<div class="card"><h3>${plural(low.count, 'picture')} hide${low.count === 1 && 's'} much of the product</h3>
<p class="soft">Less of it is in the frame and not hidden than their pipeline is to show. The worst of them:</p>
<div class="sheet">${low.shown.map(({ figures }) => thumbnails.figure(figures, `${percent(figures.visible)} visible`))}</div></div>`,
    clipped.count > 0 &&
      markup`<div class="card"><h3>${plural(clipped.count, 'picture')} lost light or dark parts of the product</h3>
<p class="soft">More than 10 % of its pixels became white or black. The worst of them:</p>
<div class="sheet">${clipped.shown.map(({ figures, badness }) => thumbnails.figure(figures, `${percent(badness)} clipped`))}</div></div>`,
    likeEarlier > 0 &&
      markup`<div class="card"><h3>${plural(likeEarlier, 'picture')} show${likeEarlier === 1 && 's'} the product as another one of its class does</h3>
<p class="soft">${percent(likeEarlier / made)} of those that were made. Only the product counts here, by a perceptual hash of its part of the picture, and only within its class: what stands around it differs all the same. Where there are many, photos from other sides help more than more pictures. The closest pairs of a few classes:</p>
<div class="pairs">${alike.map(({ picture, like }) => markup`<div class="pair">${thumbnails.figure(picture)}${thumbnails.figure(like)}</div>`)}</div></div>`,
  ];
  return cards.filter((each) => each instanceof Object) as Markup[];
}

function card<T>(
  entries: readonly T[],
  title: (count: number) => string,
  words: string,
  draw: (entry: T) => Markup,
  pictures?: (entries: readonly T[]) => Markup[],
): Markup | undefined {
  if (!entries.length) return undefined;
  const more = entries.length - LISTED;
  return markup`<div class="card"><h3>${title(entries.length)}</h3><p class="soft">${words}</p>
${pictures && markup`<div class="sheet">${pictures(entries)}</div>`}
<details${entries.length <= 8 && markup` open`}><summary class="soft">Names</summary><ul class="plain">${entries.slice(0, LISTED).map((entry) => markup`<li>${draw(entry)}</li>`)}${more > 0 && markup`<li>and ${more} more</li>`}</ul></details></div>`;
}
