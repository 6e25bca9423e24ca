import { type AugmentResult, TARGETS, packVersion } from '../../../contracts';
import { TARGET_NAMES, bars, columns, percent, thousands } from './charts';
import { doubts } from './doubts';
import type { ClassFigures, Gathered } from './gather';
import type { Histogram, Tally } from './histogram';
import { Markup, markup } from './markup';
import type { Thumbnails } from './pictures';
import { STYLE } from './style';
import { doubtsOf, plural, realShare, totalsTable } from './totals';

/** What the report is told of the run; its own answer, but for the places of files. */
export type ReportFacts = Omit<AugmentResult, 'artifacts'>;

/** Classes whose contact sheets stand open; of more each is opened by a click. */
const OPEN = 30;
/** Names of backgrounds that are counted one by one. */
const BACKGROUNDS = 12;

/** The whole page: no script, and nothing from elsewhere. */
export function page(
  title: string,
  at: Date,
  facts: ReportFacts,
  gathered: Gathered,
  thumbnails: Thumbnails,
): Markup {
  const { totals } = facts.report;
  const worth = doubts(gathered, thumbnails);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="Vitrine ${packVersion}">
<title>${title}: augmentation report</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${AWNING}
<header>
<p class="eyebrow">Augmentation report</p>
<h1>${title}</h1>
<p class="soft">${aboutRun(at, facts)}</p>
${tiles(facts, gathered, worth.length)}
</header>
<main>
<h2>What there is</h2>
${mixNote(facts)}
${legend(['own', 'syn', 'real', 'missing'], 'paler: made before this run')}
${totalsTable(gathered.classes, totals)}
${facts.split && splitNote(facts.split)}
${[...facts.changes, ...facts.warnings].map((words) => markup`<p class="note">${words}</p>`)}
<h2>Worth a look</h2>
${worth.length ? worth.map((each) => markup`${each}\n`) : markup`<p class="note good">Nothing: every source could be read and cut, and no picture stands out.</p>`}
<h2>How varied the pictures are</h2>
${charts(gathered)}
<h2>Class by class</h2>
<p class="soft">An even selection of each class: originals first, then what was made. Point at a picture to see what it is.</p>
${legend(['own', 'syn', 'real'])}
${gathered.classes.map((each, index) => sheet(each, index, gathered.classes.length, thumbnails))}
</main>
<footer>Made by Vitrine ${packVersion}. This page holds everything it shows; it needs no network. Each picture that was made has its record in the folder of this page, from which <code>vitrine augment --replay</code> makes it again.</footer>
</body>
</html>
`;
}

/** The shop window's. */
const AWNING = markup`<svg class="awning" aria-hidden="true"><defs><pattern id="awning" width="56" height="26" patternUnits="userSpaceOnUse"><path fill="var(--awning)" d="M0 0h28v12a14 14 0 0 1-28 0z"/><path fill="var(--card)" stroke="var(--line)" d="M28 0h28v12a14 14 0 0 1-28 0z"/></pattern></defs><rect width="100%" height="26" fill="url(#awning)"/></svg>`;

function aboutRun(at: Date, { seed, model, device, dataset_id: id, supabase }: ReportFacts): Markup {
  const cut = model ? markup`, cut out by ${model} on ${device}` : '';
  const where = supabase ? markup`, ${supabase.bucket}/${supabase.prefix} in Supabase` : '';
  const day = at.toISOString().slice(0, 16).replace('T', ', ');
  return markup`${day} UTC${id !== null && markup`, data set ${id}`}${where}, seed <code>${seed}</code>${cut}`;
}

function tiles(
  { report: { totals }, syn_produced, real_produced }: ReportFacts,
  gathered: Gathered,
  worth: number,
): Markup {
  const pictures = TARGETS.reduce(
    (sum, target) => sum + totals[target].existing + totals[target].produced,
    0,
  );
  const share = realShare(totals);
  const told: [string, string, string?][] = [
    [thousands(totals.classes), totals.classes === 1 ? 'class' : 'classes'],
    [thousands(pictures), 'pictures in the set'],
    [thousands(syn_produced + real_produced), 'made in this run'],
    [share === null ? '–' : percent(share), 'of them are real'],
    [thousands(gathered.backgrounds.size), 'backgrounds'],
    [thousands(worth), 'things to look at', worth ? 'doubt' : ''],
  ];
  return markup`<div class="tiles">${told.map(([number, words, kind]) => markup`<div class="tile ${kind}"><b>${number}</b><span>${words}</span></div>`)}</div>`;
}

/** Networks learn more from a mix than from either kind alone: the report says what the mix is. */
function mixNote({ report: { totals } }: ReportFacts): Markup {
  const share = realShare(totals);
  if (share === null) return markup`<p>There are no pictures.</p>`;
  const originals = totals.syn.originals + totals.real.originals;
  const told = markup`<p>${percent(share)} of the pictures are real and ${percent(1 - share)} synthetic; ${plural(originals, 'is an original', 'are originals')}. Networks learn more from a mix than from either kind alone.</p>`;
  if (share > 0) return told;
  return markup`${told}<p class="note">There is no real picture. A tenth of real ones already helps: put photos of the products into the folder <code>real</code> of each UPC.</p>`;
}

function splitNote(split: Record<string, number>): Markup {
  const sides = Object.entries(split).map(([side, count]) => `${thousands(count)} in ${side}`);
  return markup`<p class="soft">Originals are split: ${sides.join(', ')}. Only train is augmented, and what comes of one original stays on its side.</p>`;
}

/** What the colours mean. */
const KINDS = { own: 'originals', ...TARGET_NAMES, missing: 'missing' };

function legend(kinds: readonly (keyof typeof KINDS)[], note?: string): Markup {
  const entries = kinds.map((kind) => markup`<span><i class="${kind}"></i>${KINDS[kind]}</span>`);
  return markup`<div class="legend">${entries}${note && markup`<span>${note}</span>`}</div>`;
}

function charts({ area, scale, rotate, brightness, backgrounds, pipelines }: Gathered): Markup {
  const drawn: [string, string, Histogram, (value: number) => string, number][] = [
    ['Area of the product', 'share of the frame that it covers', area, (value) => percent(value), 4],
    [
      'Size',
      'of the room in the frame (synthetic), of the photo (real)',
      scale,
      (value) => `${thousands(value)}×`,
      5,
    ],
    ['Turn', 'degrees, against the clock', rotate, (value) => `${value}°`, 6],
    ['Brightness', 'mean luma of the product', brightness, (value) => percent(value), 4],
  ];
  return markup`${legend(TARGETS)}<div class="charts">
${drawn.filter(([, , histogram]) => histogram.total > 0).map(([name, words, histogram, write, ticks]) => markup`<div class="card"><h3>${name} <span class="soft">${words}</span></h3>${columns(histogram, { label: `${name}: ${words}`, name: write, ticks })}</div>`)}
${tallyCard('Backgrounds', 'what stands behind the product', backgrounds)}
${tallyCard('Pipelines', 'what varied the pictures', pipelines)}
</div>`;
}

function tallyCard(name: string, words: string, tally: Tally): Markup | undefined {
  if (!tally.size) return undefined;
  const rows = tally.top(BACKGROUNDS).map(({ name: each, ...counts }) => ({
    name: each ?? `${thousands(tally.size - BACKGROUNDS + 1)} others`,
    ...counts,
  }));
  return markup`<div class="card"><h3>${name} <span class="soft">${words}</span></h3>${bars(rows)}</div>`;
}

function sheet(each: ClassFigures, index: number, classes: number, thumbnails: Thumbnails): Markup {
  const { item, made, alike, area, brightness, shown } = each;
  const lines = [
    TARGETS.map(
      (target) => `${thousands(item[target].existing + item[target].produced)} ${TARGET_NAMES[target]}`,
    ).join(', ') + ` of ${plural(item.sources, 'source')}`,
    made > 0 &&
      `${thousands(made - alike)} different looks of the product among ${plural(made, 'picture')} that were made`,
    ...doubtsOf(each),
  ];
  const small = (histogram: Histogram, name: string, write: (value: number) => string) =>
    histogram.total > 0 &&
    markup`<div><p class="soft">${name}</p>${columns(histogram, { label: `${name} of ${item.upc}`, name: write, ticks: 6 })}</div>`;
  return markup`<section class="class card" id="class-${index + 1}">
<div class="facts"><div><h3>${item.upc}</h3>${lines.map((line) => line && markup`<p class="soft">${line}</p>`)}${item.warnings.map((words) => markup`<p class="note">${words}</p>`)}</div>
${small(area, 'Area', (value) => percent(value))}${small(brightness, 'Brightness', (value) => percent(value))}</div>
${shown.length > 0 && markup`<details${classes <= OPEN && markup` open`}><summary class="soft">${plural(shown.length, 'picture')}</summary><div class="sheet">${shown.map((figures) => thumbnails.figure(figures))}</div></details>`}
</section>
`;
}
