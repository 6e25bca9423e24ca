import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions, INodeType } from 'n8n-workflow';
import manifest from '../../package.json';
import { loadPack } from './support/n8n';

/**
 * What saved workflows rely on: parameter names, their defaults (n8n does not save a value that is the
 * default) and the values of their options. A parameter may be added to contract.json; one that is there may
 * not go, change its default or lose an option without a new version of the node.
 */
const committed = JSON.parse(readFileSync(join(__dirname, 'contract.json'), 'utf8'));

interface Promised {
  type: string;
  default: unknown;
  options?: unknown[];
}

function promises(properties: INodeProperties[], prefix = ''): Record<string, Promised> {
  return Object.fromEntries(
    properties.flatMap((property) => {
      const { name, type, default: value, options } = property;
      if (type === 'collection') {
        const inner = promises(options as INodeProperties[], `${name}.`);
        return [[prefix + name, { type, default: value }], ...Object.entries(inner)];
      }
      const values = (options as INodePropertyOptions[] | undefined)?.map((option) => option.value);
      return [[prefix + name, { type, default: value, ...(values ? { options: values } : {}) }]];
    }),
  );
}

/** Parameters with their display names, the ones inside of collections too. */
function everyProperty(properties: INodeProperties[]): INodeProperties[] {
  return properties.flatMap((property) =>
    property.type === 'collection'
      ? [property, ...everyProperty(property.options as INodeProperties[])]
      : [property],
  );
}

/** Nodes by the names that workflows have them under. */
const nodes = manifest.n8n.nodes.map((file) =>
  basename(file, '.node.js').replace(/^./, (letter) => letter.toLowerCase()),
);

let pack: Awaited<ReturnType<typeof loadPack>>;
beforeAll(async () => void (pack = await loadPack()));

it('keeps the fields of every credential', () => {
  const types = Object.keys(pack.credentialTypes);
  const promised = types.map((type) => [type, promises(pack.getCredential(type).type.properties)]);
  expect(Object.fromEntries(promised)).toEqual(committed.credentials);
});

describe.each(nodes)('%s', (node) => {
  let description: INodeType['description'];
  beforeAll(() => ({ description } = pack.getNode(node).type as INodeType));

  it('keeps every parameter name, default and option value that saved workflows rely on', () => {
    expect(promises(description.properties)).toEqual(committed[node].parameters);
  });

  it('keeps the names of the node, its version and its credentials', () => {
    const { name, version, credentials } = description;
    expect({ name, version, credentials }).toEqual(committed[node].node);
  });

  it('is found under the right headings, with an icon for each theme', () => {
    expect(description.codex?.categories).toEqual(['Marketing & Content', 'Utility']);
    expect(description.usableAsTool).toBe(true);
    const { light, dark } = description.iconUrl as { light: string; dark: string };
    for (const icon of [light, dark]) {
      const file = icon.replace('icons/n8n-nodes-vitrine/dist/', '');
      expect(readFileSync(join(__dirname, '..', '..', file), 'utf8')).toMatch(/^<svg/);
    }
  });

  it('lists its options by name', () => {
    const isNamed = (option: INodePropertyOptions | INodeProperties | INodePropertyCollection) =>
      'displayName' in option ? option.displayName : option.name;
    for (const { options, name } of everyProperty(description.properties)) {
      const names = (options ?? []).map(isNamed);
      expect([name, names]).toEqual([name, [...names].sort((a, b) => a.localeCompare(b))]);
    }
  });

  it('describes every parameter but the operation, where there are several, and the collection', () => {
    const bare = everyProperty(description.properties).filter((property) => !property.description);
    const several = description.properties.some(({ name }) => name === 'operation');
    expect(bare.map(({ name }) => name)).toEqual(several ? ['operation', 'options'] : ['options']);
  });
});
