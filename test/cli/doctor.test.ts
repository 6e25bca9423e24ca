import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../../lib/contracts';
import { cuda, devices, libc } from '../../lib/cli/doctor-devices';
import { hub, models } from '../../lib/cli/doctor-models';
import { type Probed } from '../../lib/runtime';
import { entry, graph, modelsFolder, removeFolders } from '../models/support';
import { host, linux, nvidia } from '../runtime/support';

afterAll(removeFolders);

const config = { ...loadConfig({}), offline: false };

(process.platform === 'linux' ? describe : describe.skip)('C library (skipped outside Linux)', () => {
  test('glibc of this machine', () =>
    expect(libc()).toMatchObject({ check: 'libc', detail: expect.any(String) }));
  test('musl', () =>
    expect(libc(null)).toMatchObject({ status: 'warn', detail: expect.stringContaining('WebAssembly') }));
  test('an old one', () =>
    expect(libc('2.27')).toMatchObject({ status: 'warn', next: expect.stringContaining('newer') }));
  test('a new one', () => expect(libc('2.28')).toMatchObject({ status: 'ok', detail: 'glibc 2.28' }));
});

describe('devices', () => {
  test('no card is no fault', () => {
    expect(devices(linux)).toEqual({ check: 'devices', status: 'ok', detail: 'networks can run on cpu' });
  });

  test('a card without its library is', () => {
    expect(devices(host('linux', 'x64', ['/dev/nvidia0']))).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('cuda cannot be used'),
      next: expect.stringContaining('docs/gpu.md'),
    });
  });

  test('libraries that the CUDA provider misses are named', async () => {
    const listed =
      '\tlibcublas.so.12 => not found\n\tlibcuda.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n';
    const asked: (readonly string[])[] = [];
    const looks = (probed: Partial<Probed>, text = listed) => ({
      list: async () => text,
      probe: async (_folder: string, names: readonly string[]) => {
        asked.push(names);
        return { lost: [], ...probed };
      },
    });
    const nowhere = modelsFolder();
    const lost = ['libcublas.so.12', 'libcudnn.so.9'];
    expect(await cuda(nowhere, nvidia, looks({ lost }))).toEqual([
      {
        check: 'cuda',
        status: 'warn',
        detail: 'libraries not found: libcublas.so.12, libcudnn.so.9',
        next: expect.stringMatching(/vitrine gpu install.*CUDA 12 and cuDNN 9/),
      },
    ]);
    expect(asked[0]).toEqual(['libcublas.so.12', 'libcuda.so.1', 'libcudnn.so.9', 'libcufft.so.11']);
    const newer = listed.replace('.so.12', '.so.13');
    expect(await cuda(nowhere, nvidia, looks({ lost: ['libcuda.so.1'] }, newer))).toEqual([
      expect.objectContaining({ next: expect.stringMatching(/driver for CUDA 13, 580 or newer/) }),
    ]);
    expect(await cuda(nowhere, nvidia, looks({ cuda: 'CUDA failure 2: out of memory' }))).toEqual([
      expect.objectContaining({
        detail: expect.stringContaining('out of memory'),
        next: expect.stringContaining('nvidia-smi'),
      }),
    ]);
    expect(await cuda(nowhere, nvidia, looks({}))).toEqual([expect.objectContaining({ status: 'ok' })]);
    expect(await cuda(nowhere, linux, looks({}))).toEqual([]);
  });

  test('libraries of another version of the pack are to be installed again', async () => {
    const home = modelsFolder();
    mkdirSync(join(home, 'cuda'));
    const manifest = { onnxruntime: '1.29.0', cuda: 13, wheels: ['onnxruntime-gpu 1.29.0'], files: {} };
    writeFileSync(join(home, 'cuda', 'manifest.json'), JSON.stringify(manifest));
    expect(await cuda(home, linux)).toEqual([
      {
        check: 'cuda',
        status: 'warn',
        detail: expect.stringMatching(/cuda is outdated: .*needs onnxruntime-gpu/),
        next: 'Run "vitrine gpu install" again.',
      },
    ]);
  });
});

describe('models', () => {
  const findings = (entries?: unknown[] | string) => models({ ...config, modelsDir: modelsFolder(entries) });

  test('nothing but what comes with the package is fine, and worth a hint', async () => {
    expect(await findings()).toEqual([
      expect.objectContaining({
        status: 'ok',
        detail: expect.stringMatching(/^plain and u2netp come with the package; nothing else in /),
        next: expect.stringContaining('models pull birefnet-lite'),
      }),
    ]);
  });

  test('licences that bind are named, where there was a download to accept them for', async () => {
    const files = [{ sources: ['https://models.example/net.onnx'] }];
    const modelsDir = modelsFolder([entry('logits'), entry('bright', { license: 'AGPL-3.0', files })]);
    mkdirSync(join(modelsDir, 'bright'));
    copyFileSync(graph('bright'), join(modelsDir, 'bright', 'net.onnx'));
    const [here, licences] = await models({ ...config, modelsDir });
    expect(here).toMatchObject({ status: 'ok', detail: expect.stringContaining('logits, bright in') });
    expect(licences).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^bright \(AGPL-3\.0\): .* not accepted on this machine: bright/),
      next: expect.stringContaining('models pull bright --accept-license AGPL-3.0'),
    });
    const own = await findings([entry('logits'), entry('bright', { license: 'proprietary' })]);
    expect(own[1]).toMatchObject({ status: 'ok', detail: expect.stringContaining('any use') });
  });

  test('a broken registry is a failure with its reason', async () => {
    expect(await findings('{')).toEqual([
      expect.objectContaining({ status: 'fail', detail: expect.stringContaining('registry.local.json') }),
    ]);
  });
});

describe('hub', () => {
  test('answers, whatever it answers', async () => {
    const server = createServer((_request, reply) => reply.writeHead(401).end()).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await hub({ ...config, hubEndpoint: url })).toEqual({
      check: 'hub',
      status: 'ok',
      detail: `${url} answers (401)`,
    });
    await new Promise((closed) => server.close(closed));
    expect(await hub({ ...config, hubEndpoint: url })).toMatchObject({
      status: 'warn',
      next: expect.stringContaining('HF_ENDPOINT'),
    });
  });

  test('is not asked offline', async () => {
    expect(await hub({ ...config, offline: true })).toMatchObject({ status: 'ok' });
  });
});
