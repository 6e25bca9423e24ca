import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { cancelled } from '../../lib/contracts';
import {
  findModel,
  loadRegistry,
  pullModel,
  removeModel,
  verifyModel,
  type DownloadProgress,
  type DownloadSettings,
  type NetworkEntry,
} from '../../lib/models';
import { Hub, sha256, weights, type Fault } from './hub';
import { entry, modelsFolder, removeFolders } from './support';

const content = weights(3_000_000);
const pinned = { bytes: content.length, sha256: sha256(content) };
const SOURCE = 'hf:owner/repo@main/onnx/net.onnx';
const NAME = 'owner/repo/onnx/net.onnx';

let hub: Hub;
let folder: string;
let settings: DownloadSettings;
const path = (name: string) => join(folder, 'logits', name);

beforeAll(async () => (hub = await Hub.start()));
afterAll(async () => {
  await hub.stop();
  removeFolders();
});
beforeEach(() => {
  hub.reset();
  hub.addLarge(NAME, content);
  folder = modelsFolder();
  settings = {
    offline: false,
    hubEndpoint: hub.url,
    answerSeconds: 2,
    stallSeconds: 0.4,
    tries: 4,
    pauseSeconds: 0.01,
  };
});

interface Pull {
  files?: Record<string, unknown>[];
  license?: string;
  gated?: boolean;
  signal?: AbortSignal;
  acceptLicense?: string;
  onProgress?(event: DownloadProgress): unknown;
}

async function entryOf({ files = [{ sources: [SOURCE], ...pinned }], ...rest }: Pull = {}) {
  const { license, gated } = rest;
  const changes = { files, ...(license && { license }), ...(gated && { gated }) };
  writeFileSync(join(folder, 'registry.local.json'), JSON.stringify({ models: [entry('logits', changes)] }));
  const registry = await loadRegistry(folder);
  return { registry, found: findModel(registry, 'logits') as NetworkEntry };
}

async function pull(options: Pull = {}): Promise<string[]> {
  const { signal = new AbortController().signal, acceptLicense, onProgress } = options;
  const { registry, found } = await entryOf(options);
  return pullModel(registry, found, { settings, signal, acceptLicense, onProgress });
}

const expectWhole = () => expect(readFileSync(path('net.onnx')).equals(content)).toBe(true);
const left = () => (existsSync(join(folder, 'logits')) ? readdirSync(join(folder, 'logits')).sort() : []);

describe('a file of a hub', () => {
  test('comes from the file store, is checked, and is not asked for again', async () => {
    expect(await pull()).toEqual([path('net.onnx')]);
    expectWhole();
    expect(left()).toEqual(['files.json', 'net.onnx']);
    const requests = hub.seen.length;
    expect(await pull()).toEqual([path('net.onnx')]);
    expect(hub.seen).toHaveLength(requests);
  });

  test('the token goes to the hub and never to the file store', async () => {
    hub.gated.set('owner/repo', 'hf_secret');
    settings.hubToken = 'hf_secret';
    await pull();
    const stored = hub.transfers.filter(({ headers }) => `http://${headers.host}` === hub.storeUrl);
    expect(stored).toHaveLength(1);
    expect(stored[0].headers.authorization).toBeUndefined();
    expect(
      hub.seen.filter(({ headers }) => headers.authorization === 'Bearer hf_secret').length,
    ).toBeGreaterThan(1);
  });

  test('the commit that was looked at is the one that is fetched', async () => {
    await pull();
    expect(hub.seen.map(({ method, path: at }) => `${method} ${at}`).slice(0, 2)).toEqual([
      'HEAD /owner/repo/resolve/main/onnx/net.onnx',
      `GET /owner/repo/resolve/${hub.commit}/onnx/net.onnx`,
    ]);
  });

  test('without a pinned hash the hub’s own is checked and recorded', async () => {
    await pull({ files: [{ sources: [SOURCE] }] });
    expect(JSON.parse(readFileSync(path('files.json'), 'utf8'))['net.onnx']).toMatchObject({
      sha256: pinned.sha256,
      bytes: content.length,
      source: SOURCE,
      revision: hub.commit,
    });
    rmSync(path('net.onnx'));
    rmSync(path('files.json'));
    hub.faults.push('spoil');
    await expect(pull({ files: [{ sources: [SOURCE] }] })).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    expect(left()).toEqual([]);
  });

  test('what was recorded is what comes later, until it is removed', async () => {
    const files = [{ sources: [SOURCE] }];
    await pull({ files });
    rmSync(path('net.onnx'));
    hub.addLarge(NAME, weights(3_000_000, 2));
    await expect(pull({ files })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      hint: expect.stringContaining('vitrine models remove logits'),
    });
    const { registry, found } = await entryOf({ files });
    await removeModel(registry, found);
    await pull({ files });
    expect(readFileSync(path('net.onnx')).equals(weights(3_000_000, 2))).toBe(true);
  });

  test('a file that was given another name is found by its pinned hash', async () => {
    await pull({ files: [{ name: 'net.onnx', sources: ['hf:owner/repo@main/former.onnx'], ...pinned }] });
    expectWhole();
    rmSync(join(folder, 'logits'), { recursive: true });
    await expect(
      pull({
        files: [{ name: 'net.onnx', sources: ['hf:owner/repo@main/former.onnx'], sha256: '0'.repeat(64) }],
      }),
    ).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', message: expect.stringContaining('answered 404') });
  });

  test('a small file is checked by its git hash', async () => {
    hub.addSmall('owner/repo/tokens.json', Buffer.from('{"a":1}'));
    const files = [{ sources: ['hf:owner/repo@main/tokens.json'] }];
    await pull({ files });
    expect(readFileSync(path('tokens.json'), 'utf8')).toBe('{"a":1}');
    rmSync(path('tokens.json'));
    rmSync(path('files.json'));
    hub.faults.push('spoil');
    await expect(pull({ files })).rejects.toMatchObject({
      message: expect.stringContaining('with the blob '),
    });
  });

  test('progress tells the bytes of all files and ends with all of them', async () => {
    hub.addSmall('owner/repo/tokens.json', Buffer.from('{"a":1}'));
    const events: DownloadProgress[] = [];
    await pull({
      files: [
        { sources: [SOURCE], ...pinned },
        { sources: ['hf:owner/repo@main/tokens.json'], aboutBytes: 10 },
      ],
      onProgress: (event) => events.push(event),
    });
    expect(events.length).toBeGreaterThan(3);
    expect(events[0].total).toBe(content.length + 10);
    expect(events.at(-1)).toEqual({ model: 'logits', bytes: content.length + 7, total: content.length + 7 });
    expect(events.every(({ bytes }, i) => i === 0 || bytes >= events[i - 1].bytes)).toBe(true);
  });
});

describe('trouble on the way', () => {
  test.each<[string, Fault[]]>([
    ['a connection that breaks', ['break']],
    ['one that breaks again and again', ['break', 'break', 'break']],
    ['a server that falls silent', ['stall']],
    ['a server that does not answer', ['hang']],
    ['a server in trouble', [{ status: 503, headers: { 'Retry-After': '0' } }, { status: 500 }]],
    ['a server that is asked too often', [{ status: 429 }]],
    ['a Content-Length that is too long', ['long-length']],
    ['a Content-Length that is too short', ['short-length']],
    ['bytes too many without a Content-Length', ['extra']],
    ['a server that cannot continue', ['break', 'whole']],
    ['a server that continues elsewhere', ['break', 'other-range']],
    ['a server that forgot what it had', ['break', { status: 416 }]],
    ['a first half that was spoilt', ['break', 'spoil']],
  ])('%s: the file is whole in the end', async (_what, faults) => {
    settings.answerSeconds = 0.5;
    hub.faults.push(...faults);
    await pull();
    expectWhole();
    expect(left()).toEqual(['files.json', 'net.onnx']);
    expect(hub.faults).toEqual([]);
  });

  test('what is there is not fetched again, and only continued if it is still the same', async () => {
    hub.faults.push('break');
    await pull();
    const [first, second] = hub.transfers;
    expect(first.headers.range).toBeUndefined();
    expect(second.headers.range).toMatch(/^bytes=\d{5,}-$/);
    expect(second.headers['if-range']).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test.each<[string, Fault, RegExp]>([
    ['breaks off each time', 'break', /the connection broke|ECONNRESET|aborted/],
    ['is in trouble for good', { status: 502 }, /answered 502/],
    ['never answers', 'hang', /did not answer within 0\.2 s/],
  ])('a server that %s is given up, and says why', async (_what, fault, reason) => {
    settings.answerSeconds = 0.2;
    hub.faults.push(...Array<Fault>(50).fill(fault));
    await expect(pull()).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(reason),
      hint: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(existsSync(path('net.onnx'))).toBe(false);
    expect(hub.transfers.length).toBeLessThanOrEqual(12);
  });

  test('a host that is not there', async () => {
    settings.hubEndpoint = 'http://127.0.0.1:9';
    await expect(pull()).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining('127.0.0.1:9: it refuses connections'),
    });
  });

  test('a wrong hash: deleted, never used', async () => {
    hub.addLarge(NAME, weights(3_000_000, 2));
    await expect(pull()).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining(`where ${pinned.sha256} is expected; it was deleted`),
    });
    expect(left()).toEqual([]);
  });

  test('another size than the registry’s is refused before a byte is fetched', async () => {
    hub.addLarge(NAME, weights(1000));
    await expect(pull()).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining('1000 bytes where 3000000 are expected'),
    });
    expect(hub.transfers).toHaveLength(0);
  });

  test.each([
    ['no token', undefined, /Set HF_TOKEN/],
    ['a token that may not', 'hf_other', /Check that HF_TOKEN is correct/],
  ])('a gated model with %s: the way to the licence is told', async (_what, token, hint) => {
    hub.gated.set('owner/repo', 'hf_secret');
    settings.hubToken = token;
    const failure = await pull().catch((error) => error);
    expect(failure).toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/40[13] \(GatedRepo\)/),
    });
    expect(failure.hint).toMatch(hint);
    expect(failure.hint).toContain(`accept the licence on ${hub.url}/owner/repo`);
    expect(`${failure.message}${failure.hint}`).not.toContain('hf_other');
  });

  test('a source that is gone is followed by the next', async () => {
    await pull({
      files: [{ name: 'net.onnx', sources: ['hf:other/repo@main/gone.onnx', SOURCE], ...pinned }],
    });
    expectWhole();
    hub.reset();
    rmSync(path('net.onnx'));
    await expect(
      pull({ files: [{ name: 'net.onnx', sources: ['hf:other/repo@main/gone.onnx', SOURCE], ...pinned }] }),
    ).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/No source .*404.*404/),
    });
  });

  test('offline: nothing is asked, and the way out is told', async () => {
    settings.offline = true;
    await expect(pull()).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: `Model files not found: logits needs ${path('net.onnx')}`,
      hint: expect.stringMatching(/VITRINE_OFFLINE.*hf:owner\/repo@main\/onnx\/net\.onnx/),
    });
    expect(hub.seen).toEqual([]);
  });

  test('too little space is seen before the download', async () => {
    hub.addLarge(NAME, content);
    const files = [{ sources: [SOURCE], aboutBytes: 1 }];
    const { registry, found } = await entryOf({ files });
    const huge = { ...found, files: [{ ...found.files[0], bytes: Number.MAX_SAFE_INTEGER }] };
    // The hub tells no size here, so that the registry's decides.
    hub.addPlain('net.onnx', content);
    settings.mirror = undefined;
    huge.files[0].sources = [`${hub.url}/net.onnx`];
    await expect(
      pullModel(registry, huge, { settings, signal: new AbortController().signal }),
    ).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/MB free where \d+ MB are needed/),
    });
    expect(hub.seen).toEqual([]);
  });

  const hasFull = existsSync('/dev/full');
  (hasFull ? test : test.skip)(
    `a disk that becomes full${hasFull ? '' : ' (skipped: no /dev/full here)'}`,
    async () => {
      mkdirSync(join(folder, 'logits'));
      symlinkSync('/dev/full', path('net.onnx.part'));
      await expect(pull()).rejects.toMatchObject({
        code: 'DISK_FULL',
        hint: expect.stringContaining('VITRINE_MODELS_DIR'),
      });
      expect(left()).toEqual([]);
      await pull();
      expectWhole();
    },
  );
});

describe('stopping', () => {
  /** Leaves as soon as some of the file is here. */
  function leaving(): Promise<string[]> {
    const controller = new AbortController();
    return pull({
      signal: controller.signal,
      onProgress: ({ bytes }) => bytes > 300_000 && controller.abort(cancelled()),
    });
  }

  test('a cancelled download keeps what it has, and the next goes on from there', async () => {
    hub.faults.push('slow');
    await expect(leaving()).rejects.toMatchObject({ code: 'CANCELLED' });
    hub.seen.length = 0;
    await pull();
    expectWhole();
    expect(hub.transfers[0].headers.range).toMatch(/^bytes=\d{5,}-$/);
  });

  test('two jobs wait for one download; one that leaves does not stop it', async () => {
    hub.faults.push('slow');
    const first = leaving();
    const staying = pull();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await staying).toEqual([path('net.onnx')]);
    expectWhole();
    expect(hub.transfers).toHaveLength(1);
  });
});

describe('licences', () => {
  test.each([
    { license: 'CC-BY-NC-4.0', gated: false },
    { license: 'AGPL-3.0', gated: false },
    { license: 'MIT', gated: true },
  ])('$license (gated: $gated) is accepted once, by name', async (terms) => {
    await expect(pull(terms)).rejects.toMatchObject({
      code: 'LICENSE_REQUIRED',
      message: `The model logits is under the licence ${terms.license}, and it was not accepted yet`,
      hint: expect.stringContaining(`vitrine models pull logits --accept-license "${terms.license}"`),
    });
    await expect(pull({ ...terms, acceptLicense: 'BSD' })).rejects.toMatchObject({
      code: 'LICENSE_REQUIRED',
    });
    expect(hub.seen).toEqual([]);
    await pull({ ...terms, acceptLicense: terms.license.toLowerCase() });
    const { accepted } = JSON.parse(readFileSync(join(folder, 'licenses.json'), 'utf8'));
    expect(accepted).toEqual([{ model: 'logits', license: terms.license, at: expect.any(String) }]);
    rmSync(path('net.onnx'));
    await pull(terms);
    expectWhole();
  });

  test('accepting one licence is not accepting its successor', async () => {
    await pull({ license: 'CC-BY-NC-4.0', acceptLicense: 'CC-BY-NC-4.0' });
    rmSync(path('net.onnx'));
    await expect(pull({ license: 'CC-BY-NC-5.0' })).rejects.toMatchObject({ code: 'LICENSE_REQUIRED' });
  });
});

describe('what is here', () => {
  test('a damaged file is fetched anew', async () => {
    await pull();
    writeFileSync(path('net.onnx'), weights(3_000_000, 3));
    await pull();
    expectWhole();
  });

  test('verify finds what changed without a trace, deletes it, and never the user’s own file', async () => {
    await pull();
    const { registry, found } = await entryOf();
    expect(await verifyModel(registry, found)).toBe(1);
    writeFileSync(path('net.onnx'), weights(3_000_000, 3));
    await expect(verifyModel(registry, found)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    expect(existsSync(path('net.onnx'))).toBe(false);

    const own = join(folder, 'own.onnx');
    writeFileSync(own, 'mine');
    const local = await entryOf({ files: [{ sources: ['file:own.onnx'], sha256: pinned.sha256 }] });
    await expect(verifyModel(local.registry, local.found)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    expect(existsSync(own)).toBe(true);
  });

  test('a file brought by hand is taken if its hash is right', async () => {
    settings.offline = true;
    mkdirSync(join(folder, 'logits'));
    writeFileSync(path('net.onnx'), content);
    expect(await pull()).toEqual([path('net.onnx')]);
    rmSync(path('files.json'));
    writeFileSync(path('net.onnx'), weights(3_000_000, 4));
    await expect(pull()).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  test('md5 decides where the publisher gives nothing better', async () => {
    const md5 = createHash('md5').update(content).digest('hex');
    hub.addPlain('net.onnx', content);
    settings.mirror = undefined;
    const { registry, found } = await entryOf({ files: [{ sources: [SOURCE], md5 }] });
    const plain = (sum: string) => ({
      ...found,
      files: [{ name: 'net.onnx', sources: [`${hub.url}/net.onnx`], md5: sum }],
    });
    const options = { settings, signal: new AbortController().signal };
    await pullModel(registry, plain(md5), options);
    expectWhole();
    rmSync(join(folder, 'logits'), { recursive: true });
    await expect(pullModel(registry, plain('0'.repeat(32)), options)).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining(`with the md5 ${md5} where`),
    });
  });
});

describe('mirrors and proxies', () => {
  test('a mirror is asked first, and the source where the mirror has it not', async () => {
    hub.addPlain('mirror/logits/net.onnx', content);
    settings.mirror = `${hub.url}/mirror`;
    settings.hubEndpoint = 'http://127.0.0.1:9';
    await pull();
    expectWhole();
    rmSync(join(folder, 'logits'), { recursive: true });
    settings.mirror = `${hub.url}/empty`;
    settings.hubEndpoint = hub.url;
    await pull();
    expectWhole();
  });

  test('HTTP_PROXY is used, NO_PROXY goes around it, and https asks the proxy for a tunnel', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(502).end();
    }).on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    const before = { ...process.env };
    try {
      Object.assign(process.env, { HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: '' });
      settings.tries = 1;
      settings.hubEndpoint = 'http://hub.test';
      await expect(pull()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
      settings.hubEndpoint = 'https://hub.test';
      await expect(pull()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
      expect(asked).toEqual([
        'HEAD http://hub.test/owner/repo/resolve/main/onnx/net.onnx',
        'CONNECT hub.test:443',
      ]);
      process.env.NO_PROXY = '127.0.0.1';
      settings.hubEndpoint = hub.url;
      await pull();
      expect(asked).toHaveLength(2);
    } finally {
      for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
});
