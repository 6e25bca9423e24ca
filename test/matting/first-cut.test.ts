import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { VitrineError } from '../../lib/contracts';
import type { CutOptions, Cutout } from '../../lib/matting/cutout';
import { cutWithoutNetwork } from '../../lib/matting/first-cut';
import {
  Networks,
  loadRegistry,
  type DownloadSettings,
  type NetworkEntry,
  type Registry,
} from '../../lib/models';
import { Hub, sha256, weights } from '../models/hub';
import { modelsFolder, removeFolders } from '../models/support';

const content = weights(50_000);
const cutout = (model: string): Cutout => ({
  alpha: { data: new Uint8Array(1), width: 1, height: 1 },
  model,
  device: 'cpu',
  warnings: ['its own'],
  inferMs: 1,
  loadMs: 0,
});
const refusal = (code: 'CLUTTERED_BACKGROUND' | 'NO_SUBJECT' | 'DEVICE_UNAVAILABLE') =>
  new VitrineError({ code, message: 'Too much going on', hint: 'Use another photo.' });

let hub: Hub;
let registry: Registry;
let settings: DownloadSettings;
const file = () => join(registry.modelsDir, 'birefnet-lite', 'net.onnx');

beforeAll(async () => (hub = await Hub.start()));
afterAll(async () => {
  await hub.stop();
  removeFolders();
});
beforeEach(async () => {
  hub.reset();
  hub.addLarge('owner/repo/net.onnx', content);
  const packaged = await loadRegistry(modelsFolder());
  const files = [
    { sources: ['hf:owner/repo@main/net.onnx'], bytes: content.length, sha256: sha256(content) },
  ];
  registry = {
    ...packaged,
    models: packaged.models.map((each) =>
      each.id === 'birefnet-lite' ? { ...(each as NetworkEntry), files, variants: [] } : each,
    ),
  };
  settings = {
    offline: false,
    hubEndpoint: hub.url,
    answerSeconds: 1,
    stallSeconds: 1,
    tries: 2,
    pauseSeconds: 0.01,
  };
});

function cut(device: CutOptions['device'], refused?: VitrineError, download = settings) {
  const asked: string[] = [];
  const networks = new Networks({ modelsDir: registry.modelsDir, download });
  jest.spyOn(networks, 'registry').mockResolvedValue(registry);
  const request = { device, signal: new AbortController().signal };
  const result = cutWithoutNetwork(networks, request, {
    plain: async () => {
      asked.push('plain');
      if (refused) throw refused;
      return cutout('plain');
    },
    network: async ({ id }) => {
      asked.push(id);
      expect(existsSync(file())).toBe(true);
      return cutout(id);
    },
  });
  return { asked, result };
}

test('a photo that the built-in cutter takes costs no download', async () => {
  const { result } = cut('auto');
  expect(await result).toMatchObject({ model: 'plain', warnings: ['its own'] });
  expect(hub.seen).toEqual([]);
});

test.each(['CLUTTERED_BACKGROUND', 'NO_SUBJECT'] as const)(
  '%s: the network is fetched and takes it',
  async (code) => {
    const { asked, result } = cut('cpu', refusal(code));
    expect((await result).model).toBe('birefnet-lite');
    expect(asked).toEqual(['plain', 'birefnet-lite']);
  },
);

test('what is not about the photo is not answered with a download', async () => {
  await expect(cut('auto', refusal('DEVICE_UNAVAILABLE')).result).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
  });
  expect(hub.seen).toEqual([]);
});

test('without a network the photo’s own problem is told, with the reason, and the network is left alone for a while', async () => {
  settings.hubEndpoint = 'http://127.0.0.1:9';
  const expected = {
    code: 'CLUTTERED_BACKGROUND',
    message: 'Too much going on',
    hint: expect.stringMatching(
      /^Use another photo\. The network birefnet-lite .*refuses connections.*models pull/,
    ),
  };
  await expect(cut('auto', refusal('CLUTTERED_BACKGROUND')).result).rejects.toMatchObject(expected);
  settings.hubEndpoint = hub.url;
  await expect(cut('auto', refusal('CLUTTERED_BACKGROUND')).result).rejects.toMatchObject(expected);
  expect(hub.seen).toEqual([]);
  writeFileSync(
    join(registry.modelsDir, '.unreachable.json'),
    JSON.stringify({ reason: 'old', at: Date.now() - 11 * 60_000 }),
  );
  expect((await cut('auto', refusal('CLUTTERED_BACKGROUND')).result).model).toBe('birefnet-lite');
});

test('a host that takes connections and never answers is given up within seconds', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  settings.hubEndpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await expect(cut('auto', refusal('CLUTTERED_BACKGROUND')).result).rejects.toMatchObject({
    hint: expect.stringContaining('did not answer within 4 s'),
  });
  silent.close();
});

test('offline: nothing is asked', async () => {
  await expect(
    cut('auto', refusal('CLUTTERED_BACKGROUND'), { ...settings, offline: true }).result,
  ).rejects.toMatchObject({ code: 'CLUTTERED_BACKGROUND', hint: expect.stringContaining('VITRINE_OFFLINE') });
  expect(hub.seen).toEqual([]);
});

test('on a chosen card the network comes first, and the built-in cutter says that it stepped in', async () => {
  const { asked, result } = cut('cuda');
  expect((await result).model).toBe('birefnet-lite');
  expect(asked).toEqual(['birefnet-lite']);
  const { result: without } = cut('cuda', undefined, {
    ...settings,
    offline: true,
    hubEndpoint: 'http://127.0.0.1:9',
  });
  expect((await without).model).toBe('birefnet-lite');
});

test('on a chosen card without a network: plain, with a warning', async () => {
  const { result } = cut('cuda', undefined, { ...settings, hubEndpoint: 'http://127.0.0.1:9' });
  expect(await result).toMatchObject({
    model: 'plain',
    warnings: [expect.stringMatching(/refuses connections.*Used the model plain instead\./), 'its own'],
  });
});
