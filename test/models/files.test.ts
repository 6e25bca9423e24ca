import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findModel, loadRegistry, type NetworkEntry } from '../../lib/models';
import { modelFiles } from '../../lib/models/files';
import { entry, graph, modelsFolder, removeFolders } from './support';

afterAll(removeFolders);

const bytes = statSync(graph('logits')).size;
const sha256 = createHash('sha256')
  .update(readFileSync(graph('logits')))
  .digest('hex');

async function filesOf(folder: string): Promise<string[]> {
  const registry = await loadRegistry(folder);
  return modelFiles(registry, findModel(registry, 'logits') as NetworkEntry);
}

function folderWith(...files: unknown[]): string {
  return modelsFolder([entry('logits', { files })]);
}

test('a file: source is used in place, absolute or relative to the models folder', async () => {
  expect(await filesOf(folderWith({ sources: [`file:${graph('logits')}`], bytes, sha256 }))).toEqual([
    graph('logits'),
  ]);
  const folder = folderWith({ sources: ['file:nets/own.onnx'] });
  mkdirSync(join(folder, 'nets'));
  copyFileSync(graph('logits'), join(folder, 'nets', 'own.onnx'));
  expect(await filesOf(folder)).toEqual([join(folder, 'nets', 'own.onnx')]);
});

test('other sources are looked for in the folder of the model, under their name', async () => {
  const folder = folderWith(
    { sources: ['https://models.example/a/net.onnx?download=1'], bytes },
    { sources: ['hf:owner/repo@main/onnx/weights.bin'], name: 'net.onnx_data' },
  );
  mkdirSync(join(folder, 'logits'));
  copyFileSync(graph('logits'), join(folder, 'logits', 'net.onnx'));
  await expect(filesOf(folder)).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    message: `Model files not found: logits needs ${join(folder, 'logits', 'net.onnx_data')}`,
    hint: expect.stringContaining('hf:owner/repo@main/onnx/weights.bin'),
  });
  writeFileSync(join(folder, 'logits', 'net.onnx_data'), 'weights');
  expect(await filesOf(folder)).toEqual(
    ['net.onnx', 'net.onnx_data'].map((name) => join(folder, 'logits', name)),
  );
});

test('several jobs may look at a new file at once', async () => {
  const folder = folderWith({ sources: ['https://models.example/net.onnx'], sha256 });
  mkdirSync(join(folder, 'logits'));
  const file = join(folder, 'logits', 'net.onnx');
  copyFileSync(graph('logits'), file);
  const jobs = Array.from({ length: 20 }, () => filesOf(folder));
  expect(new Set((await Promise.all(jobs)).flat())).toEqual(new Set([file]));
  expect(readdirSync(join(folder, 'logits')).sort()).toEqual(['files.json', 'net.onnx']);
});

test('a missing file says where it should be and how to go on', async () => {
  const folder = folderWith({ sources: ['file:gone.onnx'] });
  await expect(filesOf(folder)).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    message: `Model files not found: logits needs ${join(folder, 'gone.onnx')}`,
    hint: expect.stringContaining('vitrine models list'),
  });
});

test('a folder in place of the file counts as missing', async () => {
  const folder = folderWith({ sources: ['file:net'] });
  mkdirSync(join(folder, 'net'));
  await expect(filesOf(folder)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
});

test('a file of another size or hash is INVALID_MODEL', async () => {
  const sources = [`file:${graph('logits')}`];
  await expect(filesOf(folderWith({ sources, bytes: bytes + 1 }))).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringContaining(`has ${bytes} bytes where ${bytes + 1} are expected`),
  });
  await expect(filesOf(folderWith({ sources, sha256: '0'.repeat(64) }))).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringContaining(`has the sha256 ${sha256}`),
  });
});

test('a file that changes after its check is checked again', async () => {
  const folder = folderWith({ sources: ['file:own.onnx'], sha256 });
  const file = join(folder, 'own.onnx');
  copyFileSync(graph('logits'), file);
  expect(await filesOf(folder)).toEqual([file]);
  const damaged = readFileSync(file);
  damaged[100] ^= 1;
  writeFileSync(file, damaged);
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  await expect(filesOf(folder)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
});
