import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packagedModelsDir } from '../../lib/contracts';
import { MARKETPLACES, PRESETS } from '../../nodes/BackgroundReplace/presets';

/** The lists of the node are written down, so that opening it starts no engine; they leave nothing out. */
const file = (name: string) => parse(readFileSync(join(packagedModelsDir, name), 'utf8'));

test('the node offers every preset of the package', () => {
  expect(PRESETS.map(({ value }) => value)).toEqual(Object.keys(file('presets.yaml').presets).sort());
});

test('it says of each that needs a generator that it does, and of no other', () => {
  const presets = file('presets.yaml').presets as Record<string, { backdrop: string }>;
  for (const { value, description } of PRESETS)
    expect([value, description!.includes('needs a generator')]).toEqual([
      value,
      presets[value as string].backdrop === 'generated',
    ]);
});

test('the node offers every marketplace of the package, by its name', () => {
  const marketplaces = Object.entries(
    file('marketplaces.yaml').marketplaces as Record<string, { name: string }>,
  );
  const offered = MARKETPLACES.map(({ value, name }) => [value, name.toLowerCase()]).sort();
  expect(offered).toEqual(marketplaces.map(([value, { name }]) => [value, name.toLowerCase()]).sort());
});
