import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { RemoveResult } from '../../../lib/contracts';
import { type Client, expectProduct } from './client';
import { type Photo, brightPhoto, photo } from './pictures';

/** Photos that are made once, and where they can be downloaded. */
export interface Stock {
  large: Photo;
  cutout: Photo;
  heic: Photo;
  clutter: Photo;
  /** A server of pictures: `/photo/<index>` and `/missing`. */
  files: string;
}

/** One kind of request, with everything that its answer is checked for. */
type Case = (client: Client, index: number, stock: Stock) => Promise<void>;

const CLEAR = [0, 0, 0, 0];
const plain = { model: 'plain', enhance_fg: 'false' };
const formats = ['jpeg', 'png', 'webp', 'tiff'] as const;

/** Names of the tiny networks in the test's models folder, and the size that each sees. */
export const NETWORKS = { bright: 64, wide: 64 };

async function cut(client: Client, fields: Record<string, string>, input: Photo): Promise<RemoveResult> {
  const result = await client.result({ fields, photo: input });
  expect(result.warnings).toEqual([]);
  return result;
}

/** How many of a hundred requests are of which kind. */
const CASES: [share: number, name: string, run: Case][] = [
  [
    16,
    'transparent',
    async (client, index) => {
      const input = await photo(index, formats[index % formats.length]);
      const { artifacts, width, height, model } = await cut(client, plain, input);
      expect([model, width, height]).toEqual(['plain', input.width, input.height]);
      await expectProduct(await client.collect(artifacts.output), input, CLEAR);
    },
  ],
  [
    6,
    'soften',
    async (client, index) => {
      const input = await photo(index, 'jpeg');
      const { artifacts, format } = await cut(client, { ...plain, mode: 'soften' }, input);
      expect(format).toBe('jpeg');
      await expectProduct(await client.collect(artifacts.output), input, [244, 243, 241, 255]);
    },
  ],
  [
    8,
    'color, cropped to a square',
    async (client, index) => {
      const input = await photo(index, 'png');
      const fields = { ...plain, mode: 'color', bgcolor: '#00ff00', size: '150', format: 'webp' };
      const { artifacts, width, height } = await cut(client, fields, input);
      expect([width, height]).toEqual([150, 150]);
      await expectProduct(await client.collect(artifacts.output), input, [0, 255, 0, 255], 20);
    },
  ],
  [
    6,
    'mask beside a cropped cutout',
    async (client, index) => {
      const input = await photo(index, 'webp');
      const { artifacts, bbox, width } = await cut(client, { ...plain, mask: 'true', crop: 'true' }, input);
      expect(Math.abs(bbox[2] - 0.6 * Math.min(input.width, input.height))).toBeLessThan(8);
      const mask = await client.collect(artifacts.mask!);
      expect((await sharp(mask).metadata()).width).toBe(width);
      await expectProduct(mask, { product: [255, 255, 255] }, [0, 0, 0]);
      await expectProduct(await client.collect(artifacts.output), input, CLEAR);
    },
  ],
  [
    14,
    'a network',
    async (client, index) => {
      const model = Object.keys(NETWORKS)[index % 2];
      const input = await brightPhoto(index);
      const result = await cut(client, { model, mode: 'mask', device: 'cpu', strict_device: 'true' }, input);
      expect([result.model, result.device, result.width]).toEqual([model, 'cpu', input.width]);
      const mask = await client.collect(result.artifacts.output);
      await expectProduct(mask, { product: [255, 255, 255] }, [0, 0, 0]);
    },
  ],
  [
    8,
    'the picture itself',
    async (client, index) => {
      const input = await photo(index, 'jpeg');
      const response = await client.post({ fields: plain, photo: input, accept: 'image/*' });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
      await expectProduct(Buffer.from(await response.arrayBuffer()), input, CLEAR);
      await client.drop(JSON.parse(response.headers.get('x-vitrine-result')!).artifacts.output);
    },
  ],
  [
    6,
    'progress',
    async (client, index) => {
      const input = await photo(index, 'png');
      const response = await client.post({ fields: plain, photo: input, accept: 'application/x-ndjson' });
      const lines = (await response.text()).trim().split('\n');
      const { type, result } = JSON.parse(lines.at(-1)!);
      expect(type).toBe('result');
      await expectProduct(await client.collect(result.artifacts.output), input, CLEAR);
    },
  ],
  [
    6,
    'a picture by its address',
    async (client, index, { files }) => {
      const { artifacts } = await client.result({ fields: { ...plain, url: `${files}/photo/${index}` } });
      await expectProduct(await client.collect(artifacts.output), await photo(index, 'jpeg'), CLEAR);
    },
  ],
  [
    2,
    'an address that leads nowhere',
    (client, _, { files }) => client.refused({ fields: { url: `${files}/missing` } }, 422, 'FETCH_FAILED'),
  ],
  [
    3,
    'a cutout stays one',
    async (client, _, { cutout }) => {
      const result = await client.result({ fields: { enhance_fg: 'false' }, photo: cutout });
      expect([result.model, result.warnings.length]).toEqual(['none', 1]);
      await expectProduct(await client.collect(result.artifacts.output), cutout, CLEAR);
    },
  ],
  [
    1,
    'a photo of a phone',
    async (client, _, { heic }) => {
      const { artifacts } = await cut(client, plain, heic);
      await expectProduct(await client.collect(artifacts.output), heic, CLEAR);
    },
  ],
  [
    3,
    'half a picture',
    async (client, index) => {
      const whole = await photo(index, 'jpeg');
      const bytes = whole.bytes.subarray(0, whole.bytes.length >> 1);
      await client.refused({ fields: plain, photo: { ...whole, bytes } }, 422, 'INVALID_IMAGE');
    },
  ],
  [
    2,
    'no picture at all',
    (client) =>
      client.refused({ photo: { bytes: Buffer.from('a letter'), name: 'a.jpg' } }, 415, 'UNSUPPORTED_FORMAT'),
  ],
  [
    2,
    'nothing that is plain',
    (client, _, { clutter }) =>
      client.refused({ fields: plain, photo: clutter }, 422, 'CLUTTERED_BACKGROUND'),
  ],
  [
    2,
    'a wrong parameter',
    async (client, index) => {
      const fields: Record<string, string> = index % 2 ? { mode: 'blur' } : { size: '9' };
      await client.refused({ fields, photo: await photo(index, 'png') }, 400, 'INVALID_PARAMETER');
    },
  ],
  [
    2,
    'an unknown model',
    async (client, index) =>
      client.refused({ fields: { model: 'magic' }, photo: await photo(index, 'png') }, 400, 'UNKNOWN_MODEL'),
  ],
  [
    2,
    'a caller that hangs up while its job waits or runs',
    async (client, index, { large }) => {
      const controller = new AbortController();
      const gone = expect(client.post({ photo: large, signal: controller.signal })).rejects.toThrow();
      await sleep((index * 7) % 60);
      controller.abort();
      client.left++;
      await gone;
    },
  ],
  [
    2,
    'a caller that hangs up at the first word of progress',
    async (client, _, { large }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const response = await client.post({ photo: large, accept: 'application/x-ndjson', signal });
      await response.body!.getReader().read();
      controller.abort();
      client.done--;
    },
  ],
  [
    2,
    'a caller that hangs up in mid-upload',
    async (client, index, { large }) => {
      const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '999999' };
      const request = httpRequest(`${client.url}/background/cleanup`, { method: 'POST', headers });
      const answer = once(request, 'response').then(
        ([response]) => response.resume().statusCode,
        (error: NodeJS.ErrnoException) => error.code,
      );
      request.write('--x\r\n');
      if (index % 2) {
        request.write('Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
        request.write(large.bytes.subarray(0, 20_000));
      }
      await sleep(20);
      request.destroy();
      client.left++;
      // Neither the token bucket nor a full queue waits for the form.
      expect(['ECONNRESET', 429, 503]).toContain(await answer);
    },
  ],
  [
    7,
    'a look at the service',
    async (client, index) => {
      const looks: [string, number][] = [
        ['/health', 200],
        ['/ready', 200],
        ['/models', 200],
        ['/metrics', 200],
        ['/docs/json', 200],
        ['/nothing', 404],
        [`/download/cleanup_${'x'.repeat(22)}.png`, 404],
      ];
      const [path, status] = looks[index % looks.length];
      const response = await fetch(client.url + path);
      expect([path, response.status]).toEqual([path, status]);
      const text = await response.text();
      if (path === '/models')
        expect(JSON.parse(text)).toContainEqual(expect.objectContaining({ id: 'wide' }));
      if (path === '/metrics') expect(text).toContain('vitrine_jobs_total');
    },
  ],
];

/** `count` requests in an order that is the same each time; every hundred holds every kind. */
export function requests(count: number): { name: string; run: Case; index: number }[] {
  const hundred = CASES.flatMap(([share, name, run]) => Array.from({ length: share }, () => ({ name, run })));
  // 37 and the length have no common divisor, so every place is visited once.
  return Array.from({ length: count }, (_, index) => ({ ...hundred[(index * 37) % hundred.length], index }));
}
