import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadConfig, packageRoot, type Alpha } from '../lib/contracts';
import { decodeImage } from '../lib/image';
import { Cutter } from '../lib/matting';
import { Networks } from '../lib/models';
import { ISNET, modelsFolder } from './isnet';
import { median } from './measure';

/** The edge band: how far around the true soft pixels, in pixels of the network's 1024. */
const BAND = 4;
const NETWORK = 1024;
const WIDTH = 2400;

interface Photo {
  name: string;
  /** Encoded. */
  photo: Buffer;
  truth: Alpha;
}

interface Error {
  /** Sum of absolute differences in the edge band, in thousands of pixels. */
  sad: number;
  /** Mean squared difference there, in thousandths. */
  mse: number;
}

/**
 * What the second pass does for the edge of photos above 2000 pixels, with ISNet. The photos are the opaque examples
 * at their own size on interiors and landscapes of the test data, enlarged to 2400 pixels and blurred; and those of the
 * folder VITRINE_BENCH_LARGE, `<name>.jpg` with `<name>.alpha.png`, such as the examples rendered twice as large.
 * Needs VITRINE_TEST_ISNET and VITRINE_TEST_DATA.
 */
export async function run(): Promise<void> {
  const model = process.env.VITRINE_TEST_ISNET ?? '';
  const data = process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data');
  if (!existsSync(model) || !existsSync(join(data, 'backgrounds'))) {
    console.log('skipped: VITRINE_TEST_ISNET or the backgrounds of VITRINE_TEST_DATA are not there');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const networks = new Networks({ modelsDir: modelsFolder(model, folder) });
  const cutter = new Cutter(networks);
  const results: { once: Error; twice: Error; extra: number }[] = [];
  try {
    for await (const { name, photo, truth } of photos(data)) {
      const file = join(folder, 'photo.jpg');
      writeFileSync(file, photo);
      const { rgb } = await decodeImage(file, { limits: loadConfig({}).limits });
      const signal = new AbortController().signal;
      const options = { model: ISNET, device: 'cpu', strictDevice: true, signal } as const;
      const first = await cutter.cut(rgb, options);
      const second = await cutter.cut(rgb, { ...options, secondPass: true });
      const band = edgeBand(truth);
      const [once, twice] = [first, second].map(({ alpha }) => compare(alpha, truth, band));
      results.push({ once, twice, extra: second.inferMs / first.inferMs });
      console.log(`${name.padEnd(16)} ${rgb.width} x ${rgb.height}  ${tell(once)}  ->  ${tell(twice)}`);
    }
    report(results);
  } finally {
    await networks.dispose();
    rmSync(folder, { recursive: true });
  }
}

async function* photos(data: string): AsyncGenerator<Photo> {
  const examples = join(packageRoot, 'examples');
  const rows = readFileSync(join(data, 'backgrounds', 'manifest.csv'), 'utf8')
    .trim()
    .split('\n');
  // The manifest names a few that are not there.
  const large = rows
    .map((row) => row.split(','))
    .filter(([file]) => existsSync(join(data, 'backgrounds', file)))
    .filter(([, kind, , , width]) => ['interior', 'outdoor'].includes(kind) && Number(width) >= 1900);
  const list = JSON.parse(readFileSync(join(examples, 'manifest.json'), 'utf8')) as Example[];
  for (const [i, example] of list.filter(({ kind }) => kind !== 'translucent').entries()) {
    yield await compose(examples, example, join(data, 'backgrounds', large[i % large.length][0]), i);
  }
  const more = process.env.VITRINE_BENCH_LARGE;
  for (const file of more ? readdirSync(more).filter((each) => each.endsWith('.jpg')) : []) {
    const name = file.slice(0, -'.jpg'.length);
    const truth = await sharp(join(more!, `${name}.alpha.png`))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = truth.info;
    yield { name, photo: readFileSync(join(more!, file)), truth: { data: truth.data, width, height } };
  }
}

interface Example {
  name: string;
  kind: string;
  alpha: string;
  foreground: string;
}

/** The product at its own size somewhere in a larger photo, as JPEG. */
async function compose(examples: string, example: Example, backdrop: string, i: number): Promise<Photo> {
  const alpha = sharp(join(examples, example.alpha)).extractChannel(0);
  const { width: w = 0, height: h = 0 } = await sharp(join(examples, example.alpha)).metadata();
  const product = await sharp(join(examples, example.foreground))
    .joinChannel(await alpha.raw().toBuffer(), { raw: { width: w, height: h, channels: 1 } })
    .png()
    .toBuffer();
  const height = Math.max(1600, h + 40);
  const place = { left: 100 + ((i * 397) % (WIDTH - w - 200)), top: Math.round((height - h) * 0.7) };
  const photo = await sharp(backdrop)
    .resize(WIDTH, height, { fit: 'cover' })
    .blur(2 + 3 * (i % 3))
    .composite([{ input: product, ...place }])
    .removeAlpha()
    .jpeg({ quality: 93, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const truth = await sharp({ create: { width: WIDTH, height, channels: 3, background: '#000' } })
    .composite([{ input: await alpha.toColourspace('b-w').png().toBuffer(), ...place }])
    .extractChannel(0)
    .raw()
    .toBuffer();
  return { name: example.name.split('/')[1], photo, truth: { data: truth, width: WIDTH, height } };
}

/** 1 where a truly soft pixel is within reach. */
function edgeBand({ data, width, height }: Alpha): Uint8Array {
  const reach = Math.round((BAND * Math.max(width, height)) / NETWORK);
  const across = new Uint8Array(data.length);
  const band = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      if (value < 3 || value > 252) continue;
      across.fill(1, y * width + Math.max(0, x - reach), y * width + Math.min(width, x + reach + 1));
    }
  }
  for (let at = 0; at < across.length; at++) {
    if (!across[at]) continue;
    const first = Math.max(at % width, at - reach * width);
    for (let near = first; near <= at + reach * width && near < band.length; near += width) band[near] = 1;
  }
  return band;
}

function compare(ours: Alpha, truth: Alpha, band: Uint8Array): Error {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let at = 0; at < band.length; at++) {
    if (!band[at]) continue;
    const off = (ours.data[at] - truth.data[at]) / 255;
    sum += Math.abs(off);
    squares += off * off;
    count++;
  }
  return { sad: sum / 1000, mse: (1000 * squares) / count };
}

const tell = ({ sad, mse }: Error) => `SAD ${sad.toFixed(2)} MSE ${mse.toFixed(1)}`;

function report(results: { once: Error; twice: Error; extra: number }[]): void {
  const mean = (pass: 'once' | 'twice', what: keyof Error) =>
    results.reduce((sum, result) => sum + result[pass][what], 0) / results.length;
  const better = (what: keyof Error) => results.filter(({ once, twice }) => twice[what] < once[what]).length;
  const means = (pass: 'once' | 'twice') => tell({ sad: mean(pass, 'sad'), mse: mean(pass, 'mse') });
  console.log(
    `mean of ${results.length}: ${means('once')}  ->  ${means('twice')}; ` +
      `lower SAD on ${better('sad')}, lower MSE on ${better('mse')}; ` +
      `the second run takes ${median(results.map(({ extra }) => extra)).toFixed(2)}x the first`,
  );
}
