import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';
import { ERROR_STATUS } from '../../lib/contracts/errors';

const page = readFileSync(join(packageRoot, 'docs/troubleshooting.md'), 'utf8');
const table = page.slice(page.indexOf('## Codes'));
const rows = table
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, codes]) => codes?.startsWith('`'));

test('every code has its row, and no other', () => {
  const codes = rows.flatMap(([, cell]) => cell.match(/[A-Z_]+/g)!);
  expect(codes.sort()).toEqual(Object.keys(ERROR_STATUS).sort());
});

test.each(rows.map(([, codes, status]) => [codes, status]))('%s answers with %s', (codes, status) => {
  const statuses = codes.match(/[A-Z_]+/g)!.map((code) => ERROR_STATUS[code as keyof typeof ERROR_STATUS]);
  const told = status.split(', ').map(Number);
  expect(new Set(told)).toEqual(new Set(statuses));
});
