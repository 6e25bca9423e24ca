import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';

const page = readFileSync(join(packageRoot, 'docs/seeds.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (Promise|---)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('there are rows', () => expect(rows.length).toBeGreaterThan(20));

test.each(rows.map((cells) => [cells[0], cells]))('%s', (_, cells) => {
  expect(cells).toHaveLength(3);
  for (const cell of cells) expect(cell).not.toBe('');
  const [, file, title] = /^`(test\/.+\.test\.ts)`: (.+)$/.exec(cells[2]) ?? [];
  expect(existsSync(join(packageRoot, file))).toBe(true);
  expect(readFileSync(join(packageRoot, file), 'utf8')).toContain(title);
});

test('every npm command that is named is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const named = [...page.matchAll(/`npm (?:run )?([\w:]+)`/g)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining(['test', 'bench']));
  for (const name of named) if (name !== 'install') expect(Object.keys(scripts)).toContain(name);
});
