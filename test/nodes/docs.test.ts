import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodeType } from 'n8n-workflow';
import { loadPack } from './support/n8n';

/** The table of docs/node.md, row by row: display name, name in JSON. */
const rows = readFileSync(join(__dirname, '..', '..', 'docs', 'node.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| ([^|]+?)\s*\| `(\w+)`\s*\|/.exec(line))
  .filter((match) => match !== null)
  .map(([, displayName, name]) => ({ displayName, name }));

it('docs/node.md names every parameter and option of the node, as the node does', async () => {
  const pack = await loadPack();
  const { properties } = (pack.getNode('removeBackground').type as INodeType).description;
  const described = properties.flatMap((property) =>
    property.type === 'collection' ? (property.options as INodeProperties[]) : [property],
  );
  const names = described.map(({ displayName, name }) => ({ displayName, name }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect([...rows].sort(byName)).toEqual([...names].sort(byName));
});
