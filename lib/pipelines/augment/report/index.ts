import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type JobContext, type Tasks, throwIfAborted } from '../../../contracts';
import type { Resources } from '../../resources';
import { readFigures } from './figures';
import { Gathered, type Shown } from './gather';
import { type ReportFacts, page } from './page';
import { Thumbnails } from './pictures';

/** Pictures on all contact sheets together, and on one; a page with more of them is slow to open. */
const PICTURES = 960;
const MOST = 24;
/** Pictures that are shown of doubtful cuts. */
const UNSURE = 24;

/**
 * Writes the report of a data set for people: one HTML file that needs nothing else. It reads the records, and of the
 * pictures those that it shows.
 * @throws VitrineError CANCELLED; nothing is left beside the report then
 */
export async function writeReport(
  { config }: Resources,
  { dataset, title, facts: factsFile, records, file }: Tasks['report']['input'],
  { signal, progress }: JobContext,
): Promise<Tasks['report']['output']> {
  const facts = JSON.parse(await readFile(factsFile, 'utf8')) as ReportFacts;
  const { items } = facts.report;
  const figures = await readFigures(records, dataset);
  const gathered = new Gathered();
  const each = Math.max(2, Math.min(MOST, Math.floor(PICTURES / Math.max(1, items.length))));
  for (const [index, item] of items.entries()) {
    throwIfAborted(signal);
    gathered.add(item, figures.get(item.upc) ?? [], gathered.pictures < PICTURES ? each : 0);
    progress({ stage: 'report', fraction: (0.3 * (index + 1)) / items.length });
  }
  const thumbnails = new Thumbnails(dataset, config.limits, signal);
  const shown = shownOf(gathered);
  for (const [index, picture] of shown.entries()) {
    await thumbnails.add(picture);
    progress({ stage: 'report', fraction: 0.3 + (0.7 * (index + 1)) / shown.length });
  }
  const part = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(part, page(title, new Date(), facts, gathered, thumbnails).text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { file };
}

/** Every picture that the page shows. */
function shownOf({ classes, low, clipped, alike }: Gathered): Shown[] {
  return [
    ...classes.flatMap(({ shown }) => shown),
    ...[...low.shown, ...clipped.shown].map(({ figures }) => figures),
    ...alike.flatMap(({ picture, like }) => [picture, like]),
    ...classes.flatMap(({ item }) => item.unsure.map(({ file }) => ({ file }))).slice(0, UNSURE),
  ];
}
