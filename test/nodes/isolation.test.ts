import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEngine, type TestEngine } from './support/engine';
import { boxPhoto } from './support/photos';

const NATIVE = /onnxruntime|[\\/]sharp[\\/]|@img[\\/]|libvips/;

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await startEngine();
  folder = mkdtempSync(join(tmpdir(), 'vitrine-isolation-'));
  writeFileSync(join(folder, 'box.jpg'), await boxPhoto());
});
afterAll(async () => {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('never loads sharp or onnxruntime into the process that loads and executes the node', async () => {
  const script = join(__dirname, 'support', 'isolated.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, engine.url, engine.token, join(folder, 'box.jpg')],
    { maxBuffer: 64e6, env: { ...process.env, NODE_ENV: 'production' } },
  );
  const report = JSON.parse(stdout.trim().split('\n').pop()!);
  expect(report.status).toBe('success');
  expect(report.result).toMatchObject({ model: 'plain' });
  expect(report.node.length).toBeGreaterThan(0);
  expect(report.modules.length).toBeGreaterThan(100);
  expect(report.objects.length).toBeGreaterThan(0);
  expect(report.modules.filter((file: string) => NATIVE.test(file))).toEqual([]);
  expect(report.objects.filter((file: string) => NATIVE.test(file))).toEqual([]);
});
