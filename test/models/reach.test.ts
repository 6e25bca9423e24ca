import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findModel, loadRegistry, type NetworkEntry } from '../../lib/models';
import { pullIfReachable } from '../../lib/models/download/pull';
import { Hub, sha256, weights } from './hub';
import { entry, modelsFolder, removeFolders } from './support';

const content = weights(10_000);
const SOURCE = 'hf:owner/repo@main/onnx/net.onnx';
let hub: Hub;

beforeAll(async () => {
  hub = await Hub.start();
  hub.addLarge('owner/repo/onnx/net.onnx', content);
});
afterAll(async () => {
  await hub.stop();
  removeFolders();
});

async function pull(folder: string, hubEndpoint = hub.url): Promise<string[]> {
  const files = [{ sources: [SOURCE], bytes: content.length, sha256: sha256(content) }];
  writeFileSync(
    join(folder, 'registry.local.json'),
    JSON.stringify({ models: [entry('logits', { files })] }),
  );
  const registry = await loadRegistry(folder);
  const settings = {
    offline: false,
    hubEndpoint,
    answerSeconds: 2,
    stallSeconds: 1,
    tries: 1,
    pauseSeconds: 0,
  };
  return pullIfReachable(registry, findModel(registry, 'logits') as NetworkEntry, {
    settings,
    signal: new AbortController().signal,
  });
}

const note = (folder: string) => join(folder, '.unreachable.json');

test('a host that was not there a while ago is left alone', async () => {
  const folder = modelsFolder();
  writeFileSync(note(folder), JSON.stringify({ reason: 'it was not there', at: Date.now() - 60_000 }));
  await expect(pull(folder)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('it was not there'),
  });
});

test.each([
  ['from the future', JSON.stringify({ reason: 'x', at: Date.now() + 3_600_000 })],
  ['without a time', JSON.stringify({ reason: 'x' })],
  ['with words as time', JSON.stringify({ reason: 'x', at: 'now' })],
  ['with a number as reason', JSON.stringify({ reason: 1, at: Date.now() })],
  ['that is null', 'null'],
  ['that is a text', '"x"'],
  ['that is half of one', '{"reason": "x", "a'],
  ['that is empty', ''],
])('a note of it %s keeps nobody from a download', async (_, text) => {
  const folder = modelsFolder();
  writeFileSync(note(folder), text);
  expect(await pull(folder)).toEqual([join(folder, 'logits', 'net.onnx')]);
  expect(existsSync(note(folder))).toBe(false);
});

test('nor does a folder in its place, and a note that cannot be written hides no reason', async () => {
  const folder = modelsFolder();
  mkdirSync(join(note(folder), 'x'), { recursive: true });
  await expect(pull(folder, 'http://127.0.0.1:9')).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('refuses connections'),
  });
  await pull(folder);
  expect(existsSync(note(folder))).toBe(false);
});

test('a file where a model’s folder belongs: the error names it and what to do', async () => {
  const folder = modelsFolder();
  writeFileSync(join(folder, 'logits'), '');
  await expect(pull(folder)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/logits cannot be written: .*(ENOTDIR|EEXIST)/),
    hint: expect.stringContaining('VITRINE_MODELS_DIR'),
  });
});

test('a folder where the unfinished file belongs is no trouble of the network', async () => {
  const folder = modelsFolder();
  mkdirSync(join(folder, 'logits', 'net.onnx.part', 'x'), { recursive: true });
  await expect(pull(folder)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/net\.onnx\.part cannot be written: .*EISDIR/),
  });
});

test('folders of models are never open to writes of others, whatever the umask', async () => {
  const folder = join(modelsFolder(), 'home', 'models');
  const before = process.umask(0);
  try {
    mkdirSync(folder, { recursive: true });
    await pull(folder);
  } finally {
    process.umask(before);
  }
  expect(statSync(join(folder, 'logits')).mode & 0o022).toBe(0);
});
