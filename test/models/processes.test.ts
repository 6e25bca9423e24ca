import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { waitFor } from '../support/engine';
import { Hub, sha256, weights } from './hub';
import { entry, modelsFolder, removeFolders } from './support';

const content = weights(3_000_000);

let hub: Hub;
let folder: string;
const path = () => join(folder, 'logits', 'net.onnx');

beforeAll(async () => (hub = await Hub.start()));
afterAll(async () => {
  await hub.stop();
  removeFolders();
});
beforeEach(() => {
  hub.reset();
  hub.addLarge('owner/repo/net.onnx', content);
  const sources = ['hf:owner/repo@main/net.onnx'];
  folder = modelsFolder([
    entry('logits', { files: [{ sources, bytes: content.length, sha256: sha256(content) }] }),
  ]);
});

/** `vitrine models pull logits` in a process of its own. */
function pulling(): { child: ChildProcess; done: Promise<{ code: number | null; output: string }> } {
  const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'models', 'pull', 'logits'], {
    env: { ...process.env, VITRINE_MODELS_DIR: folder, HF_ENDPOINT: hub.url, VITRINE_OFFLINE: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return { child, done: once(child, 'close').then(([code]) => ({ code, output })) };
}

test('two processes that want the same file: one fetches, the other waits and uses it', async () => {
  hub.faults.push('slow', 'slow');
  const [first, second] = await Promise.all([pulling().done, pulling().done]);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(first.output).toContain('logits: ready, 3 MB');
  expect(second.output).toContain('logits: ready, 3 MB');
  expect(readFileSync(path()).equals(content)).toBe(true);
  expect(hub.transfers).toHaveLength(1);
});

test('a download that was killed is continued by the next', async () => {
  hub.faults.push('slow');
  const { child, done } = pulling();
  await waitFor(() => existsSync(`${path()}.part`) && statSync(`${path()}.part`).size > 300_000);
  child.kill('SIGKILL');
  await done;
  expect(existsSync(path())).toBe(false);
  hub.seen.length = 0;
  const { code, output } = await pulling().done;
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('logits: ready') });
  expect(readFileSync(path()).equals(content)).toBe(true);
  expect(hub.transfers[0].headers.range).toMatch(/^bytes=\d{5,}-$/);
});

test('one that is interrupted says so and keeps what it has', async () => {
  hub.faults.push('slow');
  const { child, done } = pulling();
  await waitFor(() => existsSync(`${path()}.part`) && statSync(`${path()}.part`).size > 300_000);
  child.kill('SIGINT');
  const { code, output } = await done;
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('cancelled') });
  expect(statSync(`${path()}.part`).size).toBeGreaterThan(300_000);
});
