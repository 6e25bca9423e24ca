import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TRANSFORMS, type Transform, loadPipelines } from '../../lib/augmentation';
import { packageRoot } from '../../lib/contracts';
import { tempFolder } from '../support/temp';
import { writeFileSync } from 'node:fs';

const folder = tempFolder();
const page = readFileSync(join(packageRoot, 'docs/augment.md'), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([a-z-]+)`\s+\|(.*)\|$/gm)].map(([, name, rest]) => [
    name,
    rest.split('|').map((cell) => cell.trim()),
  ]),
);

test.each(Object.entries(TRANSFORMS) as unknown as [string, Transform][])(
  '%s is told of as it is',
  (name, transform) => {
    const [, parameters, danger] = rows.get(name)!;
    const defaults = Object.entries(transform.asked.parse({}) as object).map(([parameter, value]) => {
      const [low, high] = Array.isArray(value) ? value : [value];
      return `\`${parameter}\` ${high === undefined || low === high ? low : `${low} to ${high}`}`;
    });
    expect(parameters).toBe(defaults.join(', ') || '-');
    expect(danger).toBe(transform.danger ?? '-');
  },
);

test('the example can be used', async () => {
  const [, example] = /```yaml\n([^`]+)```/.exec(page)!;
  writeFileSync(join(folder, 'augmentations.local.yaml'), example);
  expect((await loadPipelines(folder)).get('shelf')!.steps).toHaveLength(
    parse(example).pipelines.shelf.steps.length,
  );
});
