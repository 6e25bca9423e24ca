import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CUDA_PACK, lookForNvidia, obstacle, systemObstacle } from '../../../lib/runtime';
import { tempFolder } from '../../support/temp';

const folder = tempFolder();
const silent = () => Promise.reject(new Error('ENOENT'));

describe('driver and cards', () => {
  test('are what nvidia-smi says', async () => {
    const say = async () => '580.159.04, NVIDIA H200, 9.0\n580.159.04, NVIDIA GeForce GTX 1080, 6.1\n';
    expect(await lookForNvidia(say)).toEqual({
      driver: '580.159.04',
      cards: [
        { name: 'NVIDIA H200', capability: 9 },
        { name: 'NVIDIA GeForce GTX 1080', capability: 6.1 },
      ],
    });
  });

  test('of a tool that does not know capabilities yet come without', async () => {
    const say = async ([columns]: string[]) => {
      if (columns.includes('compute_cap'))
        throw new Error('Field "compute_cap" is not a valid field to query.');
      return '450.51, Tesla T4\n';
    };
    expect(await lookForNvidia(say)).toEqual({ driver: '450.51', cards: [{ name: 'Tesla T4' }] });
  });

  test.each([
    [
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023',
      '535.129.03',
    ],
    ['NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build', '580.65.06'],
  ])('are the kernel’s where there is no nvidia-smi: %s', async (text, driver) => {
    const card = join(folder, driver, 'gpus', '0000:01:00.0');
    mkdirSync(card, { recursive: true });
    writeFileSync(join(folder, driver, 'version'), `${text}\nGCC version: 12\n`);
    writeFileSync(join(card, 'information'), 'Model: \t\t NVIDIA GeForce RTX 3060\nIRQ: 74\n');
    expect(await lookForNvidia(silent, join(folder, driver))).toEqual({
      driver,
      cards: [{ name: 'NVIDIA GeForce RTX 3060' }],
    });
  });

  test('are none where nothing tells of any', async () => {
    const failed = async () =>
      'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.';
    expect(await lookForNvidia(failed, folder)).toEqual({ driver: undefined, cards: [] });
  });
});

describe('what keeps CUDA from running', () => {
  const of = (driver?: string, ...capabilities: number[]) =>
    obstacle({ driver, cards: capabilities.map((capability) => ({ name: 'Card', capability })) }, CUDA_PACK);

  test.each([
    ['no driver: an image may be built here', of()],
    ['a new driver', of('580.65', 7.5)],
    [
      'a card that says nothing of itself',
      obstacle({ driver: '581.1', cards: [{ name: 'Card' }] }, CUDA_PACK),
    ],
    ['an old card beside a new one', of('590.1', 6.1, 8.9)],
  ])('not %s', (_what, found) => expect(found).toBeUndefined());

  test('an old driver', () =>
    expect(of('535.129.03', 8.6)).toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: 'The NVIDIA driver 535.129.03 is too old: CUDA 13 needs 580 or newer',
      hint: expect.stringContaining('webgpu'),
    }));
  test('an old card', () =>
    expect(of('580.65', 6.1)).toMatchObject({
      message: 'Card has compute capability 6.1, and CUDA 13 needs 7.5 or more',
    }));
  test.each([
    ['win32', 'x64', null, /Linux only/, /dml/],
    ['darwin', 'arm64', null, /Macs/, /coreml/],
    ['linux', 'arm64', '2.36', /linux\/arm64/, /credential Vitrine Engine/],
    ['linux', 'x64', null, /musl/, /Debian/],
    ['linux', 'x64', '2.27', /glibc 2\.27.* needs 2\.28/, /Debian/],
  ] as const)('a system: %s %s with glibc %s', (platform, arch, glibc, message, hint) => {
    const found = systemObstacle({ platform, arch }, glibc)!;
    expect(found.code).toBe('DEVICE_UNAVAILABLE');
    expect(found.message).toMatch(message);
    expect(found.hint).toMatch(hint);
  });
  test('not Linux on x64 with glibc', () =>
    expect(systemObstacle({ platform: 'linux', arch: 'x64' }, '2.28')).toBeUndefined());
});
