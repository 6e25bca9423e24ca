import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Alpha, RgbImage } from '../lib/contracts';
import { decodeImage, resizeAlpha, resizeRgb } from '../lib/image';
import { Cutter, alphaMatting, decontaminate, multiLevelForeground } from '../lib/matting';
import { closedForm } from '../lib/matting/closed-form';
import { UNKNOWN, trimapOf } from '../lib/matting/trimap';
import { Networks } from '../lib/models';
import { ISNET, inputs, listPairs, modelsFolder } from './isnet';

const signal = new AbortController().signal;

/** Sums over the unknown band. */
interface Scores {
  /** Sum of absolute differences of alpha 0..1, in thousands. */
  sad: number;
  /** Mean squared difference of alpha 0..1. */
  mse: number;
}

/**
 * Closed-form matting on photos with true mattes: ISNet's own mask against the same after matting, within the unknown
 * band of a trimap of the truth. Then a photo of 24 megapixels: time and memory.
 */
export async function run(): Promise<void> {
  const found = inputs();
  if (!found) return;
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const networks = new Networks({ modelsDir: modelsFolder(found.model, folder) });
  const cutter = new Cutter(networks);
  try {
    const cases = listPairs(found.pairs, 'alphamatting');
    const rows: Record<'isnet' | 'matted' | 'ideal', Scores>[] = [];
    console.log(
      '                      unknown   SAD: ISNet   matted   on true trimap   MSE: ISNet    matted   seconds',
    );
    for (const { name, photo, mask } of cases) {
      const image = await load(photo);
      const truth = await loadMask(mask);
      const cut = await cutter.cut(image, { model: ISNET, device: 'cpu', strictDevice: true, signal });
      const start = process.cpuUsage();
      const { alpha, warnings } = await alphaMatting(image, cut.alpha);
      const spent = process.cpuUsage(start).user / 1e6;
      warnings.forEach((warning) => console.log(`${name}: ${warning}`));
      const trimap = trimapOf(truth);
      const ideal = await closedForm(image, trimap);
      const row = {
        isnet: score(cut.alpha, truth, trimap),
        matted: score(alpha, truth, trimap),
        ideal: score(ideal, truth, trimap),
      };
      rows.push(row);
      console.log(
        [
          name.padEnd(20),
          `${((100 * count(trimap)) / trimap.data.length).toFixed(0)} %`.padStart(8),
          row.isnet.sad.toFixed(2).padStart(12),
          row.matted.sad.toFixed(2).padStart(8),
          row.ideal.sad.toFixed(2).padStart(16),
          row.isnet.mse.toFixed(5).padStart(12),
          row.matted.mse.toFixed(5).padStart(9),
          spent.toFixed(1).padStart(9),
        ].join(' '),
      );
    }
    const mean = (pick: (row: (typeof rows)[0]) => number) =>
      rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
    const better = (key: keyof Scores) => rows.filter(({ isnet, matted }) => matted[key] < isnet[key]).length;
    console.log(
      `mean SAD ${mean((row) => row.isnet.sad).toFixed(2)} -> ${mean((row) => row.matted.sad).toFixed(2)}` +
        ` (better on ${better('sad')} of ${rows.length}), on the true trimap ${mean((row) => row.ideal.sad).toFixed(2)};` +
        ` mean MSE ${mean((row) => row.isnet.mse).toFixed(5)} -> ${mean((row) => row.matted.mse).toFixed(5)}` +
        ` (better on ${better('mse')}), on the true trimap ${mean((row) => row.ideal.mse).toFixed(5)}`,
    );
    await large(cutter, cases[0].photo);
  } finally {
    await networks.dispose();
    rmSync(folder, { recursive: true });
  }
}

/** Sizes of enlarged photos, in megapixels. */
const SIZES = [2, 8.3, 12, 24];

async function large(cutter: Cutter, photo: string): Promise<void> {
  const small = await load(photo);
  const { alpha: mask } = await cutter.cut(small, {
    model: ISNET,
    device: 'cpu',
    strictDevice: true,
    signal,
  });
  for (const megapixels of SIZES) {
    const scale = Math.sqrt((megapixels * 1e6) / (small.width * small.height));
    const [width, height] = [Math.round(small.width * scale), Math.round(small.height * scale)];
    const image = await resizeRgb(small, width, height, 'cubic');
    const matte = await resizeAlpha(mask, width, height, 'cubic');
    const unknown = count(trimapOf(matte));
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    const start = process.cpuUsage();
    const { alpha } = await alphaMatting(image, matte);
    const spent = process.cpuUsage(start).user / 1e6;
    clearInterval(watch);
    const clean = [decontaminate, multiLevelForeground].map((estimate) => {
      const started = process.cpuUsage();
      estimate(image, alpha);
      return (process.cpuUsage(started).user / 1e6).toFixed(2);
    });
    console.log(
      `${megapixels} MP: ${unknown} unknown pixels, ${spent.toFixed(1)} s of processor time, memory + ${((peak - before) / 1e6).toFixed(0)} MB` +
        ` (process ${(peak / 1e6).toFixed(0)} MB); blur fusion ${clean[0]} s, multi-level ${clean[1]} s`,
    );
  }
}

async function load(file: string): Promise<RgbImage> {
  const limits = { maxPixels: 1e8, maxSide: 30_000, maxBytes: 1e9, timeoutSeconds: 60 };
  return (await decodeImage(file, { limits })).rgb;
}

async function loadMask(file: string): Promise<Alpha> {
  const { data, info } = await sharp(file).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

function count(trimap: Alpha): number {
  let unknown = 0;
  for (const value of trimap.data) if (value === UNKNOWN) unknown++;
  return unknown;
}

function score(alpha: Alpha, truth: Alpha, trimap: Alpha): Scores {
  let sad = 0;
  let mse = 0;
  let pixels = 0;
  for (let i = 0; i < truth.data.length; i++) {
    if (trimap.data[i] !== UNKNOWN) continue;
    const off = (alpha.data[i] - truth.data[i]) / 255;
    sad += Math.abs(off);
    mse += off * off;
    pixels++;
  }
  return { sad: sad / 1000, mse: mse / pixels };
}
