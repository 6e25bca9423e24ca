import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IHttpRequestOptions, IExecuteFunctions } from 'n8n-workflow';
import { connect } from '../../cloud/connect';
import { pause } from '../../cloud/clock';
import { signatures as ownSignatures } from '../../cloud/signatures';
import { packageRoot, signatures } from '../../lib/contracts';
import { type TestEngine, startEngine } from '../support/engine';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/* eslint-disable @typescript-eslint/no-require-imports -- plain scripts are CommonJS */
const { buildCloudPack } = require('../../cloud/build') as { buildCloudPack(folder: string): Promise<void> };
const { broken, contractOf, readReleased } = require('../nodes/contract') as {
  broken(released: object, now: object): string[];
  contractOf(nodes: object[], credentials: object[]): object;
  readReleased(): object;
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The pack for n8n Cloud: what is in it, and its way to engines. */
const folder = tempFolder();
// Inside of the project, where n8n-workflow is found as it is in n8n.
const pack = join(packageRoot, 'cloud/dist/test');

beforeAll(() => buildCloudPack(pack));

describe('what is packed', () => {
  test('has no dependencies, and passes the rules of packs that are verified', () => {
    const manifest = JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    const script = join(__dirname, 'eslint.mjs');
    const found = JSON.parse(execFileSync(process.execPath, [script, pack], { encoding: 'utf8' }));
    expect(found).toEqual([]);
  });

  test('reads no file, starts no process, sees no environment, and has nothing to fetch at its start', () => {
    const bundle = readFileSync(join(pack, 'dist/vitrine.js'), 'utf8');
    const asked = [...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, module]) => module);
    expect([...new Set(asked)].sort()).toEqual(['n8n-workflow', 'node:crypto']);
    expect(bundle).not.toMatch(/\bprocess\.|\bimport\(|new Function/);
    expect(readFileSync(join(pack, 'LICENSE'), 'utf8')).toContain('zod, in dist/vitrine.js');
  });

  test('has the nodes, parameters and credentials that workflows were saved with', () => {
    const load = createRequire(join(pack, 'package.json'));
    const { n8n } = load('./package.json');
    const made = (files: string[]) =>
      files.map((file) => {
        const [Type] = Object.values(load(`./${file}`)) as (new () => object)[];
        return new Type();
      });
    const now = contractOf(made(n8n.nodes), made(n8n.credentials));
    expect(broken(readReleased(), now)).toEqual([]);
  });
});

describe('its way to an engine', () => {
  const token = 'a-long-random-token';
  let engine: TestEngine;
  let photo: string;

  beforeAll(async () => {
    photo = await writePackshot(folder);
    engine = await startEngine(join(folder, 'engine'), { VITRINE_TOKEN: token });
  });
  afterAll(() => engine.stop());

  /** n8n's own request function, as its helpers have it. */
  const { httpRequest } = createRequire(__filename)(
    join(packageRoot, 'node_modules/@n8n/backend-network/dist/http/axios/request.js'),
  );
  const context = {
    helpers: { httpRequest: (request: IHttpRequestOptions) => httpRequest(request) },
  } as unknown as IExecuteFunctions;
  const client = (urls?: string[]) => connect(context, { urls, token });
  const cut = (urls?: string[], params = {}, signal?: AbortSignal) => {
    const file = { open: () => createReadStream(photo), fileName: 'a "photo".jpg', mimeType: 'image/jpeg' };
    return client(urls).run('remove', { files: { file }, params: { model: 'plain', ...params } }, { signal });
  };

  test('a photo goes there, the picture comes back, the files are deleted', async () => {
    const job = await cut(['http://127.0.0.1:9', engine.url], { mask: true });
    expect(job.result).toMatchObject({ model: 'plain', width: 320 });
    const chunks: Uint8Array[] = [];
    for await (const chunk of await job.download('output')) chunks.push(chunk);
    expect((await pixelAt(Buffer.concat(chunks), 0.5, 0.5))[3]).toBe(255);
    await job.discard();
    await expect(job.download('mask')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the engine’s own words, a wrong token, nobody there', async () => {
    await expect(cut([engine.url], { model: 'none' })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
    await expect(connect(context, { urls: [engine.url] }).models()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    await expect(cut(['http://127.0.0.1:9'])).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });

  test('no engine starts here, which is said', async () => {
    await expect(cut()).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });
    await expect(client().models()).rejects.toMatchObject({ hint: expect.stringContaining('Remote Engine') });
  });

  test('a stopped execution ends the job', async () => {
    process.kill(engine.workerPid(), 'SIGSTOP');
    const stop = new AbortController();
    const job = cut([engine.url], {}, stop.signal);
    setTimeout(() => stop.abort(), 500);
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    process.kill(engine.workerPid(), 'SIGCONT');
  });
});

test('a pause ends in time, or with the reason of its signal', async () => {
  await pause(5);
  const stop = new AbortController();
  const paused = pause(60_000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(paused).rejects.toThrow('stopped');
});

test('callbacks are signed as the library signs them', () => {
  const signed = [Buffer.from('a key'), 'msg_1', new Date(1_700_000_000_000), '{"ü":1}'] as const;
  expect(ownSignatures(...signed)).toEqual(signatures(...signed));
});
