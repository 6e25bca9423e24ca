import { writeFile } from 'node:fs/promises';
import type { AugmentResult } from '../../contracts';
import { whenThereIsRoom } from '../when-there-is-room';
import type { WorkerPool } from '../workers';
import { type Companion, writeWhole } from './companion';

const FACTS = 'report.json';
const PAGE = 'report.html';

interface Reporting {
  /** Where the data set lies, and what it is called. */
  root: string;
  title: string;
  companion: Companion;
  pool: WorkerPool;
  timeoutSeconds: number;
  signal: AbortSignal;
}

/**
 * Writes what the run answers beside the data set, for programs and for people.
 * @returns the page's path
 */
export async function writeReports(
  facts: Omit<AugmentResult, 'artifacts'>,
  { root, title, companion, pool, timeoutSeconds, signal }: Reporting,
): Promise<string> {
  const json = companion.path(FACTS);
  await writeWhole(json, (part) => writeFile(part, `${JSON.stringify(facts, null, 1)}\n`));
  const input = { dataset: root, title, facts: json, records: companion.records, file: companion.path(PAGE) };
  const options = { folder: companion.making, signal, timeoutSeconds };
  const { file } = await whenThereIsRoom(signal, () => pool.run('report', input, options));
  return file;
}
