import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type AugmentItem,
  type AugmentResult,
  type Target,
  cancelled,
  loadConfig,
} from '../../../lib/contracts';
import { Resources } from '../../../lib/pipelines';
import { writeReport } from '../../../lib/pipelines/augment/report';
import { writePackshot } from '../../support/pictures';
import { tempFolder } from '../../support/temp';

/** The page that people look at after an augmentation. */
const folder = tempFolder();
const resources = new Resources(loadConfig({ VITRINE_OFFLINE: 'true' }));
afterAll(() => resources.dispose());

interface Line {
  upc: string;
  target?: Target;
  index: number;
  pipeline?: string;
  background?: string | null;
  cut?: string | null;
  hash?: string;
  visible?: number;
  clipped?: number;
  area?: number;
  rotate?: number;
}

const nameOf = ({ upc, target = 'syn', index }: Line) => `${upc}/${target}/aug_${target}_${index}.jpg`;

/** What the worker tells of a picture that it made, as far as the report looks at it. */
function lineOf(line: Line): object {
  const { upc, target = 'syn', index, pipeline = target === 'syn' ? 'light' : 'real' } = line;
  const {
    background = 'kitchen.jpg',
    cut = 'u2netp',
    hash,
    visible = 1,
    clipped = 0,
    area = 0.3,
    rotate,
  } = line;
  const name = background ?? undefined;
  return {
    record: {
      version: 1,
      ...{ file: nameOf(line), upc, target, index },
      source: { name: `${upc}/real/photo.jpg`, cut },
      composition:
        background === null ? null : { background: { kind: 'picture', name }, product: { scale: 0.6 } },
      augmentation: {
        pipeline,
        steps: rotate === undefined ? [] : [{ transform: 'affine', scale: 1.1, rotate }],
      },
    },
    ...{ area, visible, clipped, brightness: 0.5, background: 'picture' },
    // Far from every other one's.
    hash:
      hash ??
      ((index + (target === 'syn' ? 1 : 1001)) * 0x9e3779b1)
        .toString(16)
        .slice(-8)
        .padStart(8, '0')
        .repeat(2),
  };
}

const filled = (target: number, existing: number, produced: number, originals = existing) => ({
  ...{ target, existing, originals, produced, missing: target - existing - produced },
  pipelines: {},
});

function itemOf(upc: string, others: Partial<AugmentItem> = {}): AugmentItem {
  return {
    ...{ upc, sources: 1, syn: filled(2, 0, 2), real: filled(3, 1, 2) },
    ...{ skipped: [], duplicates: [], unsure: [], borders: [], failed: [], warnings: [] },
    ...others,
  };
}

function factsOf(items: AugmentItem[], others: Partial<AugmentResult> = {}): object {
  const sum = (target: Target) =>
    items
      .map((item) => item[target])
      .reduce((a, b) => filled(a.target + b.target, a.existing + b.existing, a.produced + b.produced));
  const totals = { syn: sum('syn'), real: sum('real'), classes: items.length };
  return {
    ...{ status: 'success', type: 'augmentation', dataset_id: null, supabase: null, seed: 7, split: null },
    ...{ syn_produced: totals.syn.produced, real_produced: totals.real.produced, changes: [], warnings: [] },
    ...{ model: 'u2netp', device: 'cpu', report: { totals, items } },
    ...others,
  };
}

interface Given {
  items: AugmentItem[];
  lines: Line[];
  title?: string;
  facts?: Partial<AugmentResult>;
  /** Written behind the lines. */
  tail?: string;
  signal?: AbortSignal;
}

/** Writes pictures, records and facts into a folder of their own, and the report of them. */
async function report({ items, lines, title = 'shelf', facts, tail = '', signal }: Given): Promise<string> {
  const at = mkdtempSync(join(folder, 'run-'));
  const [dataset, companion] = [join(at, 'shelf'), join(at, 'shelf-augmentation')];
  mkdirSync(companion);
  const photo = await writePackshot(at, 'photo.jpg', { width: 64, height: 48 });
  for (const { upc } of items) {
    for (const target of ['syn', 'real']) mkdirSync(join(dataset, upc, target), { recursive: true });
    writeFileSync(join(dataset, upc, 'real/photo.jpg'), readFileSync(photo));
  }
  for (const line of lines) writeFileSync(join(dataset, nameOf(line)), readFileSync(photo));
  const records = join(companion, 'records.jsonl');
  writeFileSync(records, lines.map((line) => `${JSON.stringify(lineOf(line))}\n`).join('') + tail);
  const [factsFile, file] = [join(at, 'facts.json'), join(companion, 'report.html')];
  writeFileSync(factsFile, JSON.stringify(factsOf(items, facts)));
  const context = { signal: signal ?? new AbortController().signal, progress: () => undefined, tempDir: at };
  try {
    await writeReport(resources, { dataset, title, facts: factsFile, records, file }, context);
  } finally {
    const left = readdirSync(companion).filter((name) => !['records.jsonl', 'report.html'].includes(name));
    expect(left).toEqual([]);
  }
  return readFileSync(file, 'utf8');
}

/** The page's words, without marks. */
const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
const titleOf = (page: string, pattern: RegExp) =>
  [...page.matchAll(/<title>([^<]*)<\/title>/g)].map(([, text]) => text).filter((text) => pattern.test(text));

const UPC = '4006381333931';
const lines: Line[] = [
  { upc: UPC, index: 0, rotate: 12 },
  { upc: UPC, index: 1, background: 'studio.jpg', area: 0.52 },
  { upc: UPC, target: 'real', index: 0, background: null, cut: null, area: 1 },
  { upc: UPC, target: 'real', index: 1, background: null },
];

test('one file that needs nothing else: no script, nothing from elsewhere, pictures inside', async () => {
  const page = await report({ items: [itemOf(UPC)], lines });
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toMatch(/<script|javascript:|\son\w+=|<link|@import|url\((?!#)/i);
  expect(page.replace(/xmlns="[^"]*"/g, '')).not.toMatch(/https?:|src="(?!data:)/);
  expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
  expect(page).toContain('prefers-color-scheme: dark');
  const pictures = [...page.matchAll(/src="data:image\/webp;base64,([^"]+)"/g)];
  // Four that were made, and the photo that they were made of.
  expect(pictures).toHaveLength(5);
  expect(await sharp(Buffer.from(pictures[0][1], 'base64')).metadata()).toMatchObject({
    format: 'webp',
    width: 64,
  });
});

test('what there is of each class and target, and how real and synthetic are mixed', async () => {
  const items = [
    itemOf(UPC, { syn: filled(600, 150, 400, 50), real: filled(400, 100, 300) }),
    itemOf('96385074', { syn: filled(600, 0, 600), real: filled(400, 0, 0) }),
  ];
  const words = textOf(await report({ items, lines }));
  expect(words).toContain(
    `${UPC} 1 source 550 of 600 50 originals, 100 made before, 400 made now, 50 missing 400 of 400 100 originals, 300 made now`,
  );
  expect(words).toContain('42 % real');
  expect(words).toContain('1,150 of 1,200');
  expect(words).toContain('26 % of the pictures are real and 74 % synthetic');
});

test('says so where there is no real picture', async () => {
  const items = [itemOf(UPC, { real: filled(0, 0, 0) })];
  expect(textOf(await report({ items, lines }))).toContain('There is no real picture.');
});

test('histograms count each picture once, real and synthetic apart; photos without a cutout have no area', async () => {
  const page = await report({ items: [itemOf(UPC)], lines });
  expect(titleOf(page, /%: .*synthetic/)).toEqual(
    expect.arrayContaining(['30 % to 35 %: 1 synthetic, 1 real', '50 % to 55 %: 1 synthetic, 0 real']),
  );
  expect(titleOf(page, /^10° to/)).toEqual(['10° to 12.5°: 1 synthetic, 0 real']);
  expect(titleOf(page, /^0.6×/)).toEqual(['0.6× to 0.7×: 2 synthetic, 0 real']);
  expect(page).toMatch(/kitchen\.jpg.*studio\.jpg/s);
});

test('what a person should look at, with the reasons', async () => {
  const low = { upc: UPC, index: 5, visible: 0.41 };
  const clipped = { upc: UPC, index: 6, clipped: 0.33 };
  const item = itemOf(UPC, {
    skipped: [{ file: `${UPC}/real/broken.jpg`, reason: 'The file is empty' }],
    duplicates: [{ file: `${UPC}/real/b.jpg`, of: `${UPC}/real/a.jpg` }],
    unsure: [{ file: `${UPC}/real/photo.jpg`, reason: 'two products', confidence: 0.55, used: false }],
    borders: [{ file: `${UPC}/real/tv.jpg`, action: 'bars on the left and right were cut off' }],
    failed: [{ file: `${UPC}/syn/aug_9.jpg`, reason: 'NO_SUBJECT' }],
    warnings: ['Only one photo.'],
  });
  const facts = { changes: ['The pipeline light has changed.'] };
  const words = textOf(await report({ items: [item], lines: [...lines, low, clipped], facts }));
  for (const expected of [
    '1 picture cannot be read',
    'broken.jpg The file is empty',
    '1 exact copy',
    'a.jpg',
    'two products (sure to 55 %; left out of compositions)',
    'bars on the left and right were cut off',
    'NO_SUBJECT',
    '1 picture hides much of the product',
    '41 % visible',
    '33 % clipped',
    'Only one photo.',
    'The pipeline light has changed.',
  ])
    expect(words).toContain(expected);
  expect(textOf(await report({ items: [itemOf(UPC)], lines }))).toContain('no picture stands out');
});

test('near duplicates are found within a class, never across classes', async () => {
  const other = '96385074';
  const twins = [
    { upc: UPC, index: 7, hash: '00ff00ff00ff00ff' },
    { upc: UPC, index: 8, hash: '00ff00ff00ff00fe' },
    { upc: other, index: 7, hash: '00ff00ff00ff00ff' },
  ];
  const items = [itemOf(UPC), itemOf(other)];
  const page = await report({ items, lines: [...lines, ...twins] });
  const words = textOf(page);
  expect(words).toContain('1 picture shows the product as another one of its class does');
  expect(words).toContain('5 different looks of the product among 6 pictures');
  expect(words).toContain('1 different looks of the product among 1 picture');
  expect(page.match(/class="pair"/g)).toHaveLength(1);
});

test('no name gets out of its place', async () => {
  const bad = `"><img src=x onerror=alert(1)>&'`;
  const item = itemOf(UPC, {
    skipped: [{ file: bad, reason: bad }],
    warnings: [bad],
    unsure: [{ file: bad, reason: bad, confidence: 0.2, used: true }],
  });
  const odd = { ...lines[0], background: bad, pipeline: bad };
  const facts = { dataset_id: bad, model: bad, changes: [bad] };
  const page = await report({ items: [item], lines: [odd], title: bad, facts });
  expect(page).not.toContain('<img src=x');
  expect(page).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
  expect(page.split('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;&#39;').length).toBeGreaterThan(8);
});

test('a line that was not written to its end, a picture that lies elsewhere, one that was made again', async () => {
  const elsewhere = `${JSON.stringify(lineOf({ upc: UPC, index: 50, background: 'attic.jpg' }))}\n`;
  const again = `${JSON.stringify(lineOf({ ...lines[0], background: 'later.jpg' }))}\n`;
  const page = await report({
    items: [itemOf(UPC)],
    lines,
    tail: elsewhere + again + elsewhere.slice(0, 40),
  });
  expect(textOf(page)).toContain('among 5 pictures that were made');
  expect(page).not.toContain('aug_syn_50.jpg');
  expect(textOf(page)).not.toContain('not read');
  expect(page).toContain('later.jpg');
  expect(page).not.toContain('kitchen.jpg');
});

test('a picture that cannot be read has a blank, and the page is made all the same', async () => {
  const item = itemOf(UPC, {
    unsure: [{ file: `${UPC}/real/gone.jpg`, reason: 'faint', confidence: 0.4, used: true }],
  });
  expect(textOf(await report({ items: [item], lines }))).toContain('not read');
});

test('of many classes it shows a few pictures each, and counts all', async () => {
  const upcs = Array.from({ length: 130 }, (_, index) => String(10_000_000 + index));
  const many = upcs.flatMap((upc) => Array.from({ length: 12 }, (_, index) => ({ upc, index })));
  const page = await report({ items: upcs.map((upc) => itemOf(upc)), lines: many });
  expect(page.match(/<section class="class/g)).toHaveLength(130);
  expect(page.match(/<img /g)!.length).toBeLessThanOrEqual(960);
  expect(textOf(page)).toContain('130 classes');
}, 60_000);

test('a job that was cancelled leaves nothing', async () => {
  const controller = new AbortController();
  controller.abort(cancelled());
  await expect(report({ items: [itemOf(UPC)], lines, signal: controller.signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
