import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Metrics, loadConfig, packageRoot, parse, removeParams } from '../lib/contracts';
import { Resources } from '../lib/pipelines';
import { removeBackground } from '../lib/pipelines/remove';
import { interleave, median } from './measure';

const ROUNDS = 7;

/**
 * A cutout of the README's mug, at its own size and at 12 megapixels, part by part. The floor is what no
 * cutter can avoid: decoding the JPEG and encoding a PNG with alpha of the same size.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const resources = new Resources({ ...loadConfig({}), modelsDir: folder });
  const params = parse(removeParams, { enhance_fg: false });
  const context = { signal: new AbortController().signal, progress: () => undefined, tempDir: folder };
  try {
    for (const width of [1400, 4000]) {
      const photo = join(folder, `${width}.jpg`);
      await sharp(join(packageRoot, 'examples/packshots/mug.jpg'))
        .resize(width)
        .jpeg({ quality: 92 })
        .toFile(photo);
      const parts: Metrics[] = [];
      const cutout = join(folder, `output.png`);
      const times = await interleave(
        {
          cutout: async () => parts.push((await removeBackground(resources, photo, params, context)).metrics),
          floor: async () => {
            await sharp(photo).raw().toBuffer();
            await sharp(cutout).png({ compressionLevel: 6 }).toFile(join(folder, 'floor.png'));
          },
        },
        ROUNDS,
      );
      const { height = 0 } = await sharp(photo).metadata();
      const part = (name: keyof Metrics) =>
        Math.round(median(parts.slice(1).map((metrics) => metrics[name] ?? 0)));
      console.log(
        `${((width * height) / 1e6).toFixed(1)} MP: ${Math.round(median(times.cutout))} ms ` +
          `(decode ${part('decode_ms')}, cut ${part('infer_ms')}, edges ${part('refine_ms')}, PNG ${part('encode_ms')}), ` +
          `${(median(times.cutout) / median(times.floor)).toFixed(2)}x decoding and encoding alone`,
      );
    }
  } finally {
    await resources.dispose();
    rmSync(folder, { recursive: true });
  }
}
