import { ERROR_STATUS, MODEL_GROUPS, packagedModels } from '../../lib/contracts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  betterNetwork,
  entryToFetch,
  findModel,
  loadRegistry,
  needsAcknowledgement,
  resolveModel,
  summaries,
  type NetworkEntry,
} from '../../lib/models';
import { FAMILIES } from '../../lib/models/families';
import { entry, modelsFolder, removeFolders } from './support';

afterAll(removeFolders);

const missingFile = { files: [{ sources: ['file:none.onnx'] }] };

/** The ids that are promised for good. */
const PROMISED = [
  'plain',
  'birefnet-lite',
  'birefnet',
  'birefnet-hr-matting',
  'rmbg-2.0',
  'rmbg-1.4',
  'isnet',
  'u2net',
  'u2netp',
  'silueta',
  'ben2',
  'modnet',
  'ormbg',
  'birefnet-dynamic',
  'birefnet-hr',
  'feynobg',
];

const shelf = loadRegistry(modelsFolder()).then(({ models }) => models);

describe('packaged registry', () => {
  test('holds every promised id, plain first and ready, u2netp in the package, nothing else here', async () => {
    const listed = summaries(await loadRegistry(modelsFolder()));
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(PROMISED));
    expect(listed[0]).toMatchObject({
      id: 'plain',
      license: 'MIT',
      bytes: 0,
      available: true,
      task: 'cutout',
    });
    for (const { id, available, packaged, bytes } of listed.slice(1)) {
      const comesAlong = id === 'u2netp';
      expect([id, available, packaged, bytes > 1e6]).toEqual([id, comesAlong, comesAlong, true]);
    }
  });

  test('is the same for a reader without an engine', async () => {
    expect(packagedModels()).toEqual(summaries(await loadRegistry(modelsFolder())));
  });

  test('works where the models folder does not exist', async () => {
    const registry = await loadRegistry('/nowhere/at/all');
    expect(registry.models[0].id).toBe('plain');
  });

  test('auto takes nothing whose licence is not free, and everything not free must be accepted', async () => {
    for (const entry of await shelf) {
      if ('rank' in entry && entry.rank !== undefined)
        expect([entry.id, needsAcknowledgement(entry)]).toEqual([entry.id, false]);
      if (!/^(MIT|Apache-2\.0)$/.test(entry.license))
        expect([entry.id, entry.gated]).toEqual([entry.id, true]);
    }
  });

  test('no two files of a model share a name, and nothing is used from the user’s disk', async () => {
    for (const entry of await shelf) {
      const lists =
        'files' in entry
          ? [entry.files, ...('variants' in entry ? entry.variants.map(({ files }) => files) : [])]
          : [];
      const names = lists.flat().map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { sources } of lists.flat()) expect(sources.join()).not.toMatch(/file:/);
    }
  });

  test('what nobody ran here is marked so, and auto never takes it', async () => {
    const models = await shelf;
    for (const id of ['birefnet-dynamic', 'birefnet-hr', 'feynobg']) {
      const found = models.find((entry) => entry.id === id)!;
      expect(found).toMatchObject({ group: 'best', notes: expect.stringMatching(/^Not run here/) });
      expect(found).not.toHaveProperty('rank');
    }
  });

  test('a picker finds free models among the best and the quick ones, and one of each at least', async () => {
    const groups = (await shelf).map(({ id, group, gated }) => ({ id, group, gated }));
    for (const group of MODEL_GROUPS) expect(groups.some((one) => one.group === group)).toBe(true);
    expect(groups.filter((one) => one.group === 'best' && one.gated)).toEqual([]);
    expect(groups).toContainEqual({ id: 'u2netp', group: 'quick', gated: false });
    expect(groups).toContainEqual({ id: 'rmbg-2.0', group: 'special', gated: true });
  });

  test('says of every model that something here runs it', async () => {
    for (const { id, family, task } of await shelf) {
      if (family === 'plain') continue;
      expect([id, FAMILIES[family]?.task]).toEqual([id, task]);
    }
  });

  test('what auto recommends is pinned by its hash on every device', async () => {
    const registry = await loadRegistry(modelsFolder());
    const { files, variants } = findModel(registry, 'birefnet-lite') as NetworkEntry;
    for (const file of [...files, ...variants.flatMap((variant) => variant.files)]) {
      expect(file).toMatchObject({ sha256: expect.any(String), bytes: expect.any(Number) });
    }
  });

  test('a device gets the variant that is made for it, until another one is here', async () => {
    const registry = await loadRegistry(modelsFolder());
    const lite = findModel(registry, 'birefnet-lite') as NetworkEntry;
    const name = (device: 'cpu' | 'cuda' | 'webgpu' | 'dml') =>
      entryToFetch(registry, lite, device).files[0].name;
    expect((['cpu', 'cuda', 'webgpu', 'dml'] as const).map(name)).toEqual([
      'birefnet-lite.onnx',
      'birefnet-lite.onnx',
      'birefnet-lite-webgpu.onnx',
      'birefnet-lite-stock.onnx',
    ]);
    const full = findModel(registry, 'birefnet') as NetworkEntry;
    expect(entryToFetch(registry, full, 'cuda')).toMatchObject({
      files: [{ name: 'birefnet-dynamic-cuda.onnx' }],
      input: { name: 'IMAGE' },
      output: { tensor: 'ALPHA', activation: 'none' },
    });
    mkdirSync(join(registry.modelsDir, 'birefnet'), { recursive: true });
    writeFileSync(join(registry.modelsDir, 'birefnet', 'birefnet.onnx'), 'here');
    expect(entryToFetch(registry, full, 'cuda').files[0].name).toBe('birefnet.onnx');
  });
});

describe('registry.local.json', () => {
  test('adds networks with their defaults', async () => {
    const registry = await loadRegistry(modelsFolder([entry('logits'), entry('bright', missingFile)]));
    expect(findModel(registry, 'logits')).toMatchObject({
      task: 'cutout',
      group: 'special',
      gated: false,
      devices: expect.arrayContaining(['cpu', 'cuda']),
      input: { layout: 'NCHW', resize: 'squash', size: 32 },
      output: { tensor: 'logits', activation: 'sigmoid', normalise: 'none' },
    });
    expect(
      summaries(registry)
        .slice(-2)
        .map(({ id, available }) => [id, available]),
    ).toEqual([
      ['logits', true],
      ['bright', false],
    ]);
  });

  test('its first file is the graph where none says so', async () => {
    const files = [{ sources: ['file:a.onnx'] }, { sources: ['file:a.onnx.data'] }];
    const named = [{ sources: ['file:a.onnx.data'] }, { sources: ['file:a.onnx'], role: 'graph' }];
    const registry = await loadRegistry(
      modelsFolder([entry('logits', { files }), entry('bright', { files: named })]),
    );
    const roles = (id: string) => (findModel(registry, id) as NetworkEntry).files.map(({ role }) => role);
    expect(roles('logits')).toEqual(['graph', undefined]);
    expect(roles('bright')).toEqual([undefined, 'graph']);
  });

  test('adds up the bytes to download', async () => {
    const files = [
      { sources: ['hf:owner/repo@main/onnx/model.onnx'], bytes: 1000 },
      { sources: ['npm:@scope/pack@1.2.3/dist/model.data', 'https://models.example/model.data'], bytes: 24 },
    ];
    const registry = await loadRegistry(modelsFolder([entry('logits', { files })]));
    expect(summaries(registry).at(-1)).toMatchObject({ bytes: 1024, available: false });
  });

  const image = { size: 32, mean: [0, 0, 0], std: [1, 1, 1] };
  test.each<[string, unknown[] | string, RegExp]>([
    ['broken JSON', '{', /registry\.local\.json is wrong: it cannot be read as JSON/],
    ['no list', '{"nets": []}', /not an object with one list named models/],
    ['an entry that is no object', ['net'], /entry 1 is not an object/],
    [
      'an id of the packaged registry',
      [entry('logits', { id: 'plain' })],
      /entry plain has an id of the packaged registry/,
    ],
    ['the same id twice', [entry('logits'), entry('logits')], /entry logits has the id of an earlier entry/],
    [
      'the built-in family',
      [{ id: 'mine', name: 'M', description: 'D', family: 'plain', license: 'MIT' }],
      /family plain, which is built in/,
    ],
    [
      'the id auto',
      [entry('logits', { id: 'auto' })],
      /in entry auto, expected id to be .* not auto but received "auto"/,
    ],
    ['a path as id', [entry('logits', { id: '../x' })], /expected id to be lower-case letters/],
    [
      'an unknown family',
      [entry('logits', { family: 'magic' })],
      new RegExp(
        `in entry logits, expected family to be ${Object.keys(FAMILIES).join(' or ')} but received "magic"`,
      ),
    ],
    ['an unknown field', [entry('logits', { colour: 1 })], /entry logits has an unknown field colour/],
    [
      'an unknown inner field',
      [entry('logits', { input: { ...image, width: 3 } })],
      /unknown field input\.width/,
    ],
    [
      'a missing field',
      [entry('logits', { license: undefined })],
      /expected license to be a text .* but received nothing/,
    ],
    ['an entry without id', [entry('logits', { id: undefined })], /in entry 1, expected id to be/],
    [
      'a size of 0',
      [entry('logits', { input: { ...image, size: 0 } })],
      /expected input\.size to be a whole number from 8 to 4096 but received 0/,
    ],
    [
      'a std of 0',
      [entry('logits', { input: { ...image, std: [1, 0, 1] } })],
      /expected input\.std\.1 to be three numbers over 0.* but received 0/,
    ],
    [
      'two means',
      [entry('logits', { input: { ...image, mean: [0, 0] } })],
      /expected input\.mean to be three numbers.*received \[0,0\]/,
    ],
    [
      'an unknown activation',
      [entry('logits', { output: { activation: 'tanh' } })],
      /expected output\.activation to be none or sigmoid but received "tanh"/,
    ],
    [
      'an unknown group',
      [entry('logits', { group: 'fast' })],
      /expected group to be best, quick, special but received "fast"/,
    ],
    ['no files', [entry('logits', { files: [] })], /expected files to be a list of at least one file/],
    [
      'a source without a scheme',
      [entry('logits', { files: [{ sources: ['/x.onnx'] }] })],
      /expected files\.0\.sources\.0 to be https:.* but received "\/x\.onnx"/,
    ],
    [
      'an http source',
      [entry('logits', { files: [{ sources: ['http://x/y.onnx'] }] })],
      /files\.0\.sources\.0/,
    ],
    [
      'a file name with a folder',
      [entry('logits', { files: [{ sources: ['file:a'], name: '../a' }] })],
      /files\.0\.name to be a plain file name/,
    ],
    [
      'a role that the family does not have',
      [entry('logits', { files: [{ sources: ['file:a'], role: 'decoder' }] })],
      /files\.0\.role to be graph, or nothing for a file that is no graph but received "decoder"/,
    ],
    [
      'two graphs where one is needed',
      [entry('logits', { files: ['a', 'b'].map((name) => ({ sources: [`file:${name}`], role: 'graph' })) })],
      /expected files to be a list of at least one file with its sources/,
    ],
    [
      'a short hash',
      [entry('logits', { files: [{ sources: ['file:a'], sha256: 'abc' }] })],
      /files\.0\.sha256 to be 64 hexadecimal digits/,
    ],
    [
      'an unknown device',
      [entry('logits', { devices: ['tpu'] })],
      /expected devices\.0 to be a list of cpu, cuda/,
    ],
  ])('%s is refused, naming entry and field', async (_what, entries, message) => {
    await expect(loadRegistry(modelsFolder(entries))).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^[A-Z].{10,}\.$/),
    });
  });
});

describe('choice by id', () => {
  test('an unknown id lists the known ones', async () => {
    const registry = await loadRegistry(modelsFolder([entry('logits')]));
    expect(() => findModel(registry, '../plain')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_MODEL',
        message: expect.stringMatching(
          /^Expected model to be one of auto, plain, .*, logits but received "\.\.\/plain"$/,
        ),
      }),
    );
    expect(ERROR_STATUS.UNKNOWN_MODEL).toBe(400);
  });

  test('auto takes the network of lowest rank that is here, free and runs on the device', async () => {
    const choose = async (entries: unknown[], device: 'auto' | 'cpu' | 'cuda' = 'auto') =>
      resolveModel(await loadRegistry(modelsFolder(entries)), 'auto', device).id;
    expect(await choose([])).toBe('u2netp');
    expect(await choose([entry('logits')])).toBe('u2netp');
    expect(await choose([entry('logits', { rank: 2 }), entry('bright', { rank: 1 })])).toBe('bright');
    expect(await choose([entry('logits', { rank: 2 }), entry('bright', { rank: 1, ...missingFile })])).toBe(
      'logits',
    );
    expect(await choose([entry('logits', { rank: 1, license: 'CC-BY-NC-4.0' })])).toBe('u2netp');
    expect(await choose([entry('logits', { rank: 1, license: 'AGPL-3.0' })])).toBe('u2netp');
    expect(await choose([entry('logits', { rank: 1, gated: true })])).toBe('u2netp');
    const gpuOnly = [entry('logits', { rank: 1, devices: ['cuda'] }), entry('bright', { rank: 2 })];
    expect(await choose(gpuOnly, 'cpu')).toBe('bright');
    expect(await choose(gpuOnly, 'cuda')).toBe('logits');
  });

  test('auto leaves out what does not fit into memory, and recommends only what does', async () => {
    const registry = await loadRegistry(modelsFolder([entry('logits', { rank: 1, cpuMemoryMb: 900 })]));
    const choose = (memoryMb: number) => resolveModel(registry, 'auto', 'auto', memoryMb).id;
    expect([choose(1000), choose(1300)]).toEqual(['u2netp', 'logits']);
    const better = (taken: string, memoryMb: number) =>
      betterNetwork(registry, findModel(registry, taken) as NetworkEntry, 'cpu', memoryMb)?.id;
    expect([better('u2netp', 1000), better('u2netp', 8000)]).toEqual([undefined, 'birefnet-lite']);
    expect(better('logits', 8000)).toBeUndefined();
  });

  test('nothing is recommended beside what a card runs of a model, where that is the better one', async () => {
    const registry = await loadRegistry(modelsFolder([]));
    const { rank, variants } = findModel(registry, 'birefnet') as NetworkEntry;
    const onCard = variants.find(({ devices }) => devices.includes('cuda'));
    expect(betterNetwork(registry, { rank }, 'cuda')?.id).toBe('birefnet-lite');
    expect(betterNetwork(registry, { rank: onCard?.rank }, 'cuda')).toBeUndefined();
  });
});
