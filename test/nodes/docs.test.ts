import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodeType } from 'n8n-workflow';
import { loadPack } from './support/n8n';

/** The tables of a node's page, row by row: display name, name in JSON. */
const rowsOf = (page: string) =>
  readFileSync(join(__dirname, '..', '..', 'docs', 'nodes', `${page}.md`), 'utf8')
    .split('\n')
    .map((line) => /^\| ([^|]+?)\s*\| `(\w+)`\s*\|/.exec(line))
    .filter((match) => match !== null)
    .map(([, displayName, name]) => ({ displayName, name }));

it.each([
  ['augment', 'augment'],
  ['removeBackground', 'remove-background'],
  ['backgroundReplace', 'background-replace'],
  ['videoSegment', 'video-segment'],
])('the page of %s names every parameter and option, as the node does', async (node, page) => {
  const pack = await loadPack();
  const { properties } = (pack.getNode(node).type as INodeType).description;
  const described = properties.flatMap((property) =>
    property.type === 'collection' ? (property.options as INodeProperties[]) : [property],
  );
  // One that versions of a node have in several forms has one row.
  const labels = new Map(
    described.map(({ displayName, name }) => [`${displayName} ${name}`, { displayName, name }]),
  );
  const names = [...labels.values()];
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(rowsOf(page).sort(byName)).toEqual(names.sort(byName));
});
