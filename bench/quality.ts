import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import type { Alpha, RgbImage } from '../lib/contracts';
import { Cutter, type CutOptions } from '../lib/matting';
import { Networks } from '../lib/models';
import { nativeRuntime } from '../lib/runtime/ort';
import { hasPairs, testData } from './plain';

interface Score {
  source: string;
  iou: number;
  /** Mean absolute error of alpha, 0..1, within 1 % of the diagonal around the true outline. */
  band: number;
  error: number;
  confidence: number;
  unsure: boolean;
}

/** What `auto` makes of the photos with known masks, beside u2netp alone: shape, edge and confidence. */
export async function run(): Promise<void> {
  if (!hasPairs()) return console.log(`skipped: no pairs in ${testData()}`);
  const modelsDir = mkdtempSync(join(tmpdir(), 'vitrine-quality-'));
  const networks = new Networks({ modelsDir, runtime: nativeRuntime });
  const cutter = new Cutter(networks);
  const scores: Record<string, Score[]> = { u2netp: [], auto: [] };
  for (const { source, photo, mask } of photos()) {
    const image = await readRgb(photo);
    const truth = await readMask(mask);
    for (const model of Object.keys(scores)) {
      const { signal } = new AbortController();
      const options: CutOptions = { model, device: 'cpu', strictDevice: true, signal };
      const { alpha, confidence, unsure } = await cutter.cut(image, options);
      scores[model].push({ source, ...compare(alpha, truth), confidence, unsure });
    }
  }
  await networks.dispose();
  rmSync(modelsDir, { recursive: true });
  for (const [model, all] of Object.entries(scores)) print(model, all);
  printConfidence(scores.auto.filter(({ source }) => source !== 'white-packs'));
}

function photos(): { source: string; photo: string; mask: string }[] {
  const found = ['pairs', 'white-packs'].flatMap((folder) =>
    readdirSync(join(testData(), folder, 'images')).map((name) => ({
      source: folder === 'pairs' ? name.split('__')[0] : folder,
      photo: join(testData(), folder, 'images', name),
      mask: join(testData(), folder, 'masks', `${basename(name).replace(/\.[^.]+$/, '')}.png`),
    })),
  );
  return found.sort((a, b) => a.source.localeCompare(b.source));
}

async function readRgb(file: string): Promise<RgbImage> {
  const picture = sharp(readFileSync(file)).rotate().removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

async function readMask(file: string): Promise<Alpha> {
  const picture = sharp(file).extractChannel(0).raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

function compare({ data }: Alpha, truth: Alpha): Pick<Score, 'iou' | 'band' | 'error'> {
  const near = bandAround(truth);
  const sums = { both: 0, either: 0, all: 0, near: 0, pixels: 0 };
  for (let i = 0; i < data.length; i++) {
    const [own, theirs] = [data[i] > 127, truth.data[i] > 127];
    if (own && theirs) sums.both++;
    if (own || theirs) sums.either++;
    const off = Math.abs(data[i] - truth.data[i]) / 255;
    sums.all += off;
    if (!near[i]) continue;
    sums.near += off;
    sums.pixels++;
  }
  return {
    iou: sums.both / Math.max(1, sums.either),
    band: sums.near / Math.max(1, sums.pixels),
    error: sums.all / data.length,
  };
}

/** 1 for every pixel within a disc of 1 % of the diagonal around an outline. */
function bandAround({ data, width, height }: Alpha): Uint8Array {
  const reach = 0.01 * Math.hypot(width, height);
  const whole = Math.floor(reach);
  const near = new Uint8Array(data.length);
  const inside = (i: number) => data[i] > 127;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const right = x + 1 < width && inside(i) !== inside(i + 1);
      if (!right && !(y + 1 < height && inside(i) !== inside(i + width))) continue;
      for (let dy = Math.max(-whole, -y); dy <= Math.min(whole, height - 1 - y); dy++) {
        const across = Math.floor(Math.sqrt(reach * reach - dy * dy));
        const row = (y + dy) * width;
        near.fill(1, row + Math.max(0, x - across), row + Math.min(width, x + across + 1));
      }
    }
  }
  return near;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function print(model: string, all: Score[]): void {
  const sources = [...new Set(all.map(({ source }) => source))];
  const rows = sources.map((source) => [source, all.filter((score) => score.source === source)] as const);
  console.log(`${model.padEnd(16)}  n    IoU   worst    band   error  sure`);
  for (const [source, scores] of [...rows, ['all', all] as const]) {
    const ious = scores.map(({ iou }) => iou);
    const columns = [
      mean(ious),
      Math.min(...ious),
      mean(scores.map(({ band }) => band)),
      mean(scores.map(({ error }) => error)),
    ];
    const sure = scores.filter(({ unsure }) => !unsure).length;
    console.log(
      [
        source.padEnd(14),
        String(scores.length).padStart(4),
        ...columns.map((value) => value.toFixed(4)),
        sure,
      ].join('  '),
    );
  }
}

function printConfidence(scores: Score[]): void {
  const half = [...scores].sort((a, b) => b.confidence - a.confidence).slice(0, scores.length >> 1);
  const poor = half.filter(({ iou }) => iou < 0.8).length;
  const marked = (some: Score[]) => `${some.filter(({ unsure }) => unsure).length} of ${some.length}`;
  console.log(`surest half: IoU ${mean(half.map(({ iou }) => iou)).toFixed(4)}, ${poor} below 0.8`);
  console.log(`unsure: ${marked(scores.filter(({ iou }) => iou < 0.7))} below 0.7`);
  console.log(`unsure: ${marked(scores.filter(({ iou }) => iou > 0.9))} above 0.9`);
}
