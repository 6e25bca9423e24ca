import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions, INodeType } from 'n8n-workflow';
import manifest from '../../package.json';
import { loadPack } from './support/n8n';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- plain scripts are CommonJS
const { broken, contractOf, readReleased } = require('./contract') as {
  broken(released: Contract, now: Contract): string[];
  contractOf(nodes: unknown[], credentials: unknown[]): Contract;
  readReleased(): Contract;
};

interface Part {
  usableAsTool?: boolean;
  credentials?: Record<string, object>;
  parameters: Record<string, Record<string, unknown>>;
}

interface Contract {
  nodes: Record<string, Record<string, Part>>;
  credentials: Record<string, Part>;
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

describe('workflows that were saved with the last release', () => {
  let now: Contract;
  beforeAll(() => {
    const types = nodes.map((node) => pack.getNode(node).type);
    const credentials = Object.keys(pack.credentialTypes).map((type) => pack.getCredential(type).type);
    now = contractOf(types, credentials);
  });

  /** What is said of a copy of the contract with a change in it. */
  const after = (change: (copy: Contract) => void) => {
    const copy = structuredClone(now);
    change(copy);
    return broken(now, copy);
  };
  const replace = (copy: Contract) => copy.nodes.backgroundReplace[1].parameters;

  it('keep working', () => {
    expect(broken(readReleased(), now)).toEqual([]);
  });

  it('rely on four nodes and five credentials', () => {
    const released = readReleased();
    expect(Object.keys(released.nodes).sort()).toEqual([...nodes].sort());
    expect(Object.keys(released.credentials)).toHaveLength(5);
    expect(Object.keys(released.nodes.removeBackground[1].parameters).length).toBeGreaterThan(40);
  });

  it('do not mind what was added', () => {
    const added = after((copy) => {
      replace(copy).lamp = { type: 'string', default: '', show: { backdrop: ['studio'] } };
      (replace(copy).backdrop.options as string[]).push('aquarium');
      ((replace(copy).preset.hide as Record<string, string[]>).backdrop as string[]).push('aquarium');
      delete replace(copy).marketplace.show;
      copy.nodes.backgroundReplace[2] = { credentials: {}, parameters: {} };
      copy.nodes.relight = { 1: { credentials: {}, parameters: {} } };
      copy.credentials.other = { parameters: {} };
    });
    expect(added).toEqual([]);
  });

  it.each<[string, (copy: Contract) => void]>([
    ['backgroundReplace 1: parameter preset is gone', (copy) => delete replace(copy).preset],
    [
      'backgroundReplace 1: options.steps: the default was 20 and is 30',
      (copy) => (replace(copy)['options.steps'].default = 30),
    ],
    [
      'backgroundReplace 1: prompt: the type was "string" and is "json"',
      (copy) => (replace(copy).prompt.type = 'json'),
    ],
    [
      'backgroundReplace 1: backdrop: the option "gradient" is gone',
      (copy) =>
        (replace(copy).backdrop.options = (replace(copy).backdrop.options as string[]).filter(
          (value) => value !== 'gradient',
        )),
    ],
    [
      'backgroundReplace 1: overrides: is only shown now where backdrop is one of ["studio"]',
      (copy) => (replace(copy).overrides.show = { backdrop: ['studio'] }),
    ],
    [
      'backgroundReplace 1: preset: is hidden now where backdrop is one of ["color","image"]',
      (copy) => (replace(copy).preset.hide = { backdrop: ['color', 'image'] }),
    ],
    ['backgroundReplace 1: inputPath: is required now', (copy) => (replace(copy).inputPath.required = true)],
    [
      'backgroundReplace 1: credential vitrineGeminiApi is gone',
      (copy) => delete copy.nodes.backgroundReplace[1].credentials!.vitrineGeminiApi,
    ],
    [
      'backgroundReplace 1: is no tool of agents any more',
      (copy) => (copy.nodes.backgroundReplace[1].usableAsTool = false),
    ],
    ['augment: version 1 is gone', (copy) => delete copy.nodes.augment[1]],
    ['node augment is gone', (copy) => delete copy.nodes.augment],
    ['credential vitrineEngineApi is gone', (copy) => delete copy.credentials.vitrineEngineApi],
    [
      'vitrineEngineApi: parameter token is gone',
      (copy) => delete copy.credentials.vitrineEngineApi.parameters.token,
    ],
  ])('break: %s', (sentence, change) => {
    expect(after(change)).toEqual([sentence]);
  });

  it('keep what a new version of their node has not', () => {
    const description = {
      name: 'lamp',
      version: [1, 2],
      properties: [
        { name: 'watts', type: 'number', default: 5, displayOptions: { show: { '@version': [1] } } },
        { name: 'lumens', type: 'number', default: 400, displayOptions: { show: { '@version': [2] } } },
      ],
    };
    const first = { ...description, version: 1, properties: [{ name: 'watts', type: 'number', default: 5 }] };
    const released = contractOf([{ description: first }], []);
    expect(broken(released, contractOf([{ description }], []))).toEqual([]);
    const [, lumens] = description.properties;
    const lost = contractOf([{ description: { ...description, properties: [lumens] } }], []);
    expect(broken(released, lost)).toEqual(['lamp 1: parameter watts is gone']);
    const nodeVersions = { 1: { description: first }, 2: { description: { ...first, properties: [] } } };
    expect(broken(released, contractOf([{ description: first, nodeVersions }], []))).toEqual([]);
  });
});

describe.each(nodes)('%s', (node) => {
  let description: INodeType['description'];
  beforeAll(() => ({ description } = pack.getNode(node).type as INodeType));

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
