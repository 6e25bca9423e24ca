import { type SpawnSyncReturns, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { startEngine, post } from '../support/engine';
import { writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { Hub, sha256, weights } from '../models/hub';
import { entry, graph } from '../models/support';

const folder = tempFolder();
const content = weights(2_000_000);
const half = weights(1_000_000, 3);
const network = readFileSync(graph('logits'));

let hub: Hub;
let models: string;
let photo: string;
let run = 0;

beforeAll(async () => {
  hub = await Hub.start();
  photo = await writePackshot(folder);
});
afterAll(() => hub.stop());
beforeEach(() => {
  hub.reset();
  hub.addLarge('owner/nets/net.onnx', content);
  hub.addLarge('owner/nets/real.onnx', network);
  hub.addLarge('owner/nets/half.onnx', half);
  models = join(folder, `models-${++run}`);
  mkdirSync(models);
  const file = (name: string, bytes: Buffer) => [
    { sources: [`hf:owner/nets@main/${name}`], bytes: bytes.length, sha256: sha256(bytes) },
  ];
  const entries = [
    entry('bright', { files: file('net.onnx', content) }),
    entry('outputs', { files: file('net.onnx', content), license: 'CC-BY-NC-4.0', gated: true }),
    entry('logits', {
      files: file('real.onnx', network),
      variants: [{ devices: ['cuda'], precision: 'fp16', files: file('half.onnx', half) }],
    }),
  ];
  writeFileSync(join(models, 'registry.local.json'), JSON.stringify({ models: entries }));
});

const environment = () => ({
  VITRINE_HOME: join(folder, 'home'),
  VITRINE_MODELS_DIR: models,
  VITRINE_OFFLINE: 'false',
  HF_ENDPOINT: hub.url,
  NO_PROXY: '127.0.0.1',
});

type Run = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>;

/** Not spawnSync: the hub answers from this very process. */
async function vitrine(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
    cwd: folder,
    env: { ...process.env, ...environment(), ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('vitrine models', () => {
  test('list: what is here, how much of it, and what must be accepted', async () => {
    await vitrine(['models', 'pull', 'bright']);
    const { status, stdout, stderr } = await vitrine(['models', 'list']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^bright +ready +2 MB +MIT +A network of the tests\.$/m);
    expect(stdout).toMatch(/^outputs +not here +2 MB +CC-BY-NC-4\.0 \* +A network/m);
    expect(stdout).toMatch(/^birefnet-lite +not here +181 MB +MIT +/m);
    expect(stderr).toContain(`1 on this machine, 2 MB in ${models}`);
  });

  test('pull: tells how far it is, and does nothing the second time', async () => {
    const { status, stdout, stderr } = await vitrine(['models', 'pull', 'bright', 'plain']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^Downloading bright: 2 of 2 MB$/m);
    expect(stderr).toMatch(/^bright: ready, 2 MB\nplain: built in, nothing to download$/m);
    const requests = hub.seen.length;
    expect((await vitrine(['models', 'pull', 'bright'])).stderr).toBe('bright: ready, 2 MB\n');
    expect(hub.seen).toHaveLength(requests);
  });

  test('pull --device: the files of that device; USE_FP16=false: the float32 ones', async () => {
    const pulled = async (env?: Record<string, string>) =>
      lines((await vitrine(['models', 'pull', 'logits', '--device', 'cuda', '--json'], env)).stdout)[0].files;
    expect(await pulled({ USE_FP16: 'false' })).toEqual([join(models, 'logits', 'real.onnx')]);
    await vitrine(['models', 'remove', 'logits']);
    expect(await pulled()).toEqual([join(models, 'logits', 'half.onnx')]);
  });

  test('pull --json: a line each; one that fails does not stop the next', async () => {
    const { status, stdout } = await vitrine(['models', 'pull', 'outputs', 'bright', '--json']);
    expect(status).toBe(3);
    expect(lines(stdout)).toEqual([
      { model: 'outputs', error: expect.objectContaining({ code: 'LICENSE_REQUIRED' }) },
      { model: 'bright', files: [join(models, 'bright', 'net.onnx')], bytes: expect.any(Number) },
    ]);
  });

  test('pull --accept-license: once', async () => {
    const accept = ['models', 'pull', 'outputs', '--accept-license', 'CC-BY-NC-4.0'];
    expect((await vitrine(accept)).status).toBe(0);
    await vitrine(['models', 'remove', 'outputs']);
    expect((await vitrine(['models', 'pull', 'outputs'])).status).toBe(0);
  });

  test('remove: the files of a model are gone, and their room is free again', async () => {
    await vitrine(['models', 'pull', 'bright']);
    const { status, stderr } = await vitrine(['models', 'remove', 'bright']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('bright: removed, 2 MB free again')]);
    expect(existsSync(join(models, 'bright', 'net.onnx'))).toBe(false);
  });

  test('verify: all that is here, or what is named; a damaged file is deleted and named', async () => {
    await vitrine(['models', 'pull', 'bright', 'logits']);
    expect(
      (await vitrine(['models', 'verify', '--json'])).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { model: 'bright', verified: 1 },
      { model: 'logits', verified: 1 },
    ]);
    const file = join(models, 'bright', 'net.onnx');
    writeFileSync(file, weights(2_000_000, 7));
    const { status, stderr } = await vitrine(['models', 'verify']);
    expect(status).toBe(3);
    expect(stderr).toContain('logits: 1 file is as it should be');
    expect(stderr).toMatch(/bright: .*net\.onnx of bright has the sha256 .*\n.*`vitrine models pull bright`/);
    expect(existsSync(file)).toBe(false);
    expect((await vitrine(['models', 'verify', 'bright'])).status).toBe(1);
  });

  test('path: the folder, or the files of a model; as JSON with sizes', async () => {
    await vitrine(['models', 'pull', 'bright']);
    expect((await vitrine(['models', 'path'])).stdout).toBe(`${models}\n`);
    expect((await vitrine(['models', 'path', 'bright'])).stdout).toContain(
      `${join(models, 'bright', 'net.onnx')}\n`,
    );
    const [cache] = lines((await vitrine(['models', 'path', '--json'])).stdout);
    expect(cache).toMatchObject({ path: models, models: [{ id: 'bright' }] });
    expect(cache.bytes).toBeGreaterThanOrEqual(content.length);
    expect((await vitrine(['models', 'path', 'logits'])).stderr).toContain('vitrine models pull logits');
  });

  test('remove what is not here', async () => {
    const { status, stderr } = await vitrine(['models', 'remove', 'bright']);
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing of the model bright was downloaded');
  });

  test('remove what comes with the package', async () => {
    const { status, stderr } = await vitrine(['models', 'remove', 'u2netp']);
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing of the model u2netp was downloaded');
    expect(stderr).toContain('It comes with the package');
  });

  test('an unknown model names the known ones', async () => {
    const { status, stderr } = await vitrine(['models', 'pull', 'magic']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/one of auto, plain, birefnet-lite, .* but received "magic"/);
  });
});

describe('jobs that need a model', () => {
  test('vitrine remove fetches a free one and tells of it on stderr', async () => {
    hub.faults.push('slow');
    const { status, stdout, stderr } = await vitrine([
      'remove',
      photo,
      '-o',
      'cut.png',
      '--model',
      'logits',
      '--json',
    ]);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/Downloading logits: 0 of 0 MB/)]);
    expect(lines(stdout)[0]).toMatchObject({ model: 'logits', device: 'cpu' });
    expect(readdirSync(join(models, 'logits')).sort()).toEqual(['files.json', 'real.onnx']);
  });

  test('one whose licence is not accepted names licence and command', async () => {
    const { status, stdout } = await vitrine([
      'remove',
      photo,
      '-o',
      'cut.png',
      '--model',
      'outputs',
      '--json',
    ]);
    expect(status).toBe(1);
    expect(lines(stdout)[0].error).toMatchObject({
      code: 'LICENSE_REQUIRED',
      hint: expect.stringContaining('vitrine models pull outputs --accept-license "CC-BY-NC-4.0"'),
    });
  });

  test('offline: Model files not found, and the way out', async () => {
    const args = ['remove', photo, '-o', 'cut.png', '--model', 'logits', '--json'];
    const { stdout } = await vitrine(args, { VITRINE_OFFLINE: '1' });
    expect(lines(stdout)[0].error).toMatchObject({
      code: 'MODEL_MISSING',
      message: `Model files not found: logits needs ${join(models, 'logits', 'real.onnx')}`,
      hint: expect.stringContaining('VITRINE_OFFLINE'),
    });
  });

  test('auto asks no hub for anything: a packshot is sure, clutter without a product is not', async () => {
    const scene = await writeClutter(folder);
    const requests = hub.seen.length;
    const cut = await vitrine(['remove', photo, '-o', 'cut.png', '--json']);
    expect(lines(cut.stdout)[0]).toMatchObject({ model: 'u2netp', unsure: false, warnings: [] });
    const unsure = await vitrine(['remove', scene, '-o', 'cut.png', '--json']);
    expect(lines(unsure.stdout)[0]).toMatchObject({
      model: 'u2netp',
      unsure: true,
      warnings: [expect.stringContaining('vitrine models pull birefnet-lite')],
    });
    expect(hub.seen).toHaveLength(requests);
  });

  test('the engine tells of the download in its progress, and of the licence with 403', async () => {
    hub.faults.push('slow');
    const engine = await startEngine(join(folder, 'engine'), environment());
    try {
      const url = `${engine.url}/background/cleanup`;
      const answer = await post(url, photo, { model: 'logits' }, { Accept: 'application/x-ndjson' });
      const told = lines(await answer.text());
      expect(told).toContainEqual(
        expect.objectContaining({
          type: 'progress',
          stage: 'download',
          message: expect.stringContaining('logits'),
        }),
      );
      expect(told.at(-1)).toMatchObject({ type: 'result', result: { model: 'logits' } });
      const refused = await post(url, photo, { model: 'outputs' });
      expect([refused.status, (await refused.json()).error.code]).toEqual([403, 'LICENSE_REQUIRED']);
      const other = await post(url, photo, { model: 'sd-turbo' });
      expect([other.status, (await other.json()).error.code]).toEqual([400, 'INVALID_PARAMETER']);
      const unknown = await post(url, photo, { model: 'no-such' });
      expect([unknown.status, (await unknown.json()).error.code]).toEqual([400, 'UNKNOWN_MODEL']);
    } finally {
      await engine.stop();
    }
  });
});
