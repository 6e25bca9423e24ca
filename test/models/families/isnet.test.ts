import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadConfig, packageRoot, type RgbImage } from '../../../lib/contracts';
import { decodeImage, flatten } from '../../../lib/image';
import { Cutter } from '../../../lib/matting';
import { Networks } from '../../../lib/models';
import contracts from '../../fixtures/models/contracts.json';
import reference from '../../reference/isnet.json';
import { entry, grid, modelsFolder, removeFolders } from '../support';

/**
 * ISNet itself against Python (test/reference/isnet.py). Needs VITRINE_TEST_ISNET, the ONNX file with the hash that
 * isnet.json names, and for whole photos VITRINE_TEST_DATA. Every eighth photo, or all with VITRINE_TEST_ALL=1.
 */
const model = process.env.VITRINE_TEST_ISNET ?? '';
const data = process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data');
const pairs = join(data, 'pairs');
const noModel = existsSync(model) ? '' : ' (skipped: VITRINE_TEST_ISNET names no file)';
const noPairs = noModel || (existsSync(pairs) ? '' : ' (skipped: no pairs in VITRINE_TEST_DATA)');

const files = Object.keys(reference.pairs).filter(
  (_, i) => process.env.VITRINE_TEST_ALL === '1' || i % 8 === 0,
);
let folder: string;
let networks: Networks;

beforeAll(() => {
  const { input, output } = contracts.isnet;
  const isnet = {
    id: 'mine',
    derive: true,
    files: [{ sources: [`file:${model}`], sha256: reference.model }],
  };
  folder = modelsFolder([entry('logits', { ...isnet, input: { ...input, size: 1024 }, output })]);
  networks = new Networks({ modelsDir: folder });
});
afterAll(async () => {
  await networks.dispose();
  removeFolders();
});

/** The reference script's picture. */
function synthetic(size = 1024): RgbImage {
  const bytes = new Uint8Array(size * size * 3);
  const whole = Math.floor;
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let rgb = [200 + whole(x / 32), 205 + whole(y / 32), 215 - whole(x / 64)];
      if ((x - 430) ** 2 + (y - 520) ** 2 < 250 ** 2)
        rgb = [30 + whole(x / 8), 60 + whole(y / 16), 40 + whole((x + y) / 16)];
      if (Math.abs(x - 720) < 60 && Math.abs(y - 480) < 300)
        rgb = [150 - whole(y / 16), 40 + whole(x / 32), 50 + whole(y / 32)];
      for (const value of rgb) bytes[i++] = Math.min(255, Math.max(0, value));
    }
  }
  return { data: bytes, width: size, height: size };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

test('the picture is the one that Python saw', () => {
  const { data: bytes } = synthetic();
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(reference.tensor.picture);
});

(noModel ? test.skip : test)(
  `the same 1024 tensor gives the same matte within 0.001${noModel}`,
  async () => {
    const { signal } = new AbortController();
    const { graphs, network } = await networks.open({
      id: 'mine',
      task: 'cutout',
      device: 'cpu',
      strictDevice: true,
      signal,
    });
    const { output: answer } = await graphs.graph.run(network.feeds(await network.resize(synthetic())), [
      'output',
    ]);
    const { samples, mean: expected } = reference.tensor;
    const ours = grid(answer.data as Float32Array, 1024, 1024, Math.sqrt(samples.length));
    expect(mean(ours.map((value, i) => Math.abs(value - samples[i])))).toBeLessThan(0.001);
    expect(Math.abs(mean([...(answer.data as Float32Array)]) - expected)).toBeLessThan(0.001);
  },
  120_000,
);

(noPairs ? test.skip : test)(
  `whole photos: median difference to Python at most 0.004, mean IoU with the truth as high${noPairs}`,
  async () => {
    const cutter = new Cutter(networks);
    const { limits } = loadConfig({});
    const signal = new AbortController().signal;
    const differences: number[] = [];
    const ious: number[] = [];
    for (const file of files) {
      const { rgb, alpha } = await decodeImage(join(pairs, 'images', file), { limits });
      const image = alpha ? flatten(rgb, alpha, [255, 255, 255]) : rgb;
      const cut = await cutter.cut(image, { model: 'mine', device: 'cpu', strictDevice: true, signal });
      const { samples } = reference.pairs[file as keyof typeof reference.pairs];
      const theirs = Buffer.from(samples, 'base64');
      const ours = grid(cut.alpha.data, rgb.width, rgb.height, reference.grid);
      differences.push(mean(ours.map((value, i) => Math.abs(value - theirs[i]) / 255)));
      ious.push(iou(cut.alpha.data, await truth(file)));
    }
    const theirIou = mean(files.map((file) => reference.pairs[file as keyof typeof reference.pairs].iou));
    expect(median(differences)).toBeLessThan(0.004);
    expect(mean(ious)).toBeGreaterThan(theirIou - 0.005);
    if (files.length === Object.keys(reference.pairs).length) expect(mean(ious)).toBeGreaterThanOrEqual(0.92);
  },
  1_800_000,
);

async function truth(file: string): Promise<Uint8Array> {
  const rows = readFileSync(join(pairs, 'manifest.csv'), 'utf8').split('\n');
  const mask = rows.find((row) => row.startsWith(`${file},`))!.split(',')[1];
  return sharp(join(pairs, 'masks', mask))
    .extractChannel(0)
    .raw()
    .toBuffer();
}

function iou(ours: Uint8Array, theirs: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < ours.length; i++) {
    both += Number(ours[i] > 127 && theirs[i] > 127);
    either += Number(ours[i] > 127 || theirs[i] > 127);
  }
  return both / Math.max(1, either);
}
