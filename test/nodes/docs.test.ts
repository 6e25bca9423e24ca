import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodeType } from 'n8n-workflow';
import { loadPack } from './support/n8n';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'node.md'), 'utf8');

/** The tables of a node, row by row: display name, name in JSON. */
const rowsOf = (node: string) =>
  page
    .split(/^# /m)
    .find((part) => part.startsWith(`${node}\n`))!
    .split('\n')
    .map((line) => /^\| ([^|]+?)\s*\| `(\w+)`\s*\|/.exec(line))
    .filter((match) => match !== null)
    .map(([, displayName, name]) => ({ displayName, name }));

it.each(['augment', 'removeBackground', 'backgroundReplace', 'videoSegment'])(
  'docs/node.md names every parameter and option of %s, as the node does',
  async (node) => {
    const pack = await loadPack();
    const { displayName, properties } = (pack.getNode(node).type as INodeType).description;
    const described = properties.flatMap((property) =>
      property.type === 'collection' ? (property.options as INodeProperties[]) : [property],
    );
    const names = described.map(({ displayName, name }) => ({ displayName, name }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(rowsOf(displayName).sort(byName)).toEqual([...names].sort(byName));
  },
);
