import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type PictureOrder, loadConfig, packageRoot } from '../lib/contracts';
import { WorkerPool } from '../lib/engine';
import { exampleSources } from './training';

/** Pictures across and down, pixels of one's side, and of the gap between two. */
const [COLUMNS, ROWS, CELL, GAP] = [5, 3, 300, 6];
const SEED = 14;

/**
 * `npm run sheet:augment` draws docs/images/augment-<pipeline>.jpg: what the three pipelines make of photos of examples/,
 * on backdrops that are drawn.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-sheet-'));
  const pool = new WorkerPool(loadConfig({ ...process.env, VITRINE_OFFLINE: 'true' }));
  try {
    const { files, sources } = await exampleSources(folder);
    for (const pipeline of ['light', 'heavy', 'real']) {
      const target = pipeline === 'real' ? 'real' : 'syn';
      const pictures = Array.from({ length: COLUMNS * ROWS }, (_, index): PictureOrder => {
        const source = sources[index % sources.length];
        const written = { size: 2 * CELL, format: 'png', quality: 90 } as const;
        const to = join(folder, `${pipeline}-${index}.png`);
        const request = {
          file: `${index}.png`,
          seed: SEED,
          upc: source.upc,
          target,
          index,
          pipeline,
        } as const;
        return { to, request: { ...request, source, ...written, distractors: true, occluders: true } };
      });
      const input = { files, backgrounds: [], distractors: sources, pictures };
      for (const made of await pool.run('augment', input, { folder }))
        if ('error' in made) throw new Error(made.error.message);
      await draw(
        pictures.map(({ to }) => to),
        join(packageRoot, `docs/images/augment-${pipeline}.jpg`),
      );
    }
  } finally {
    await pool.close();
    rmSync(folder, { recursive: true });
  }
}

async function draw(pictures: string[], file: string): Promise<void> {
  const layers = pictures.map(async (picture, index) => ({
    input: await sharp(picture)
      .resize(CELL, CELL, { fit: 'contain', background: '#ffffff' })
      .png()
      .toBuffer(),
    left: GAP + (index % COLUMNS) * (CELL + GAP),
    top: GAP + Math.floor(index / COLUMNS) * (CELL + GAP),
  }));
  const [width, height] = [COLUMNS, ROWS].map((count) => GAP + count * (CELL + GAP));
  const { size } = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(await Promise.all(layers))
    .jpeg({ quality: 84, mozjpeg: true })
    .toFile(file);
  console.log(`${file}: ${pictures.length} pictures, ${Math.round(size / 1000)} kB`);
}

void main();
