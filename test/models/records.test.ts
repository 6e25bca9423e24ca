import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from '../../lib/models/records';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

test('several writers of one file at once: one of their contents, and nothing left over', async () => {
  const file = join(folder, 'notes.json');
  await Promise.all(Array.from({ length: 8 }, (_, writer) => writeJson(file, { writer })));
  expect((await readJson(file, { writer: -1 })).writer).toBeGreaterThanOrEqual(0);
  expect(readdirSync(folder)).toEqual(['notes.json']);
});
