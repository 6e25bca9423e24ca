import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Metrics, loadConfig, packageRoot, parse, replaceParams } from '../lib/contracts';
import { Resources } from '../lib/pipelines';
import { replaceBackground } from '../lib/pipelines/replace';
import { interleave, median } from './measure';

const ROUNDS = 5;
const SIDE = 2000;
const PRESETS = ['product-studio', 'marble', 'wood', 'podium', 'marketplace-white'];

/** The README's kettle at 2000 x 2000 pixels on some presets, its mask given: with shadow, reflection and colour match. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const resources = new Resources({ ...loadConfig({}), modelsDir: folder });
  const context = { signal: new AbortController().signal, progress: () => undefined, tempDir: folder };
  try {
    const [file, mask] = [join(folder, 'photo.jpg'), join(folder, 'mask.png')];
    const example = join(packageRoot, 'examples/packshots/kettle');
    await sharp(`${example}.jpg`).resize(SIDE, SIDE).jpeg({ quality: 92 }).toFile(file);
    await sharp(`${example}.alpha.png`).resize(SIDE, SIDE).toFile(mask);
    const parts = new Map<string, Metrics[]>(PRESETS.map((preset) => [preset, []]));
    const subjects = PRESETS.map((preset): [string, () => Promise<unknown>] => {
      const params = parse(replaceParams, { preset });
      return [
        preset,
        async () => {
          const { metrics } = await replaceBackground(resources, { file, mask, params }, context);
          parts.get(preset)!.push(metrics);
        },
      ];
    });
    const times = await interleave(Object.fromEntries(subjects), ROUNDS);
    for (const preset of PRESETS) {
      const part = (name: keyof Metrics) =>
        Math.round(
          median(
            parts
              .get(preset)!
              .slice(1)
              .map((metrics) => metrics[name] ?? 0),
          ),
        );
      console.log(
        `${preset}: ${Math.round(median(times[preset]) - part('encode_ms'))} ms without encoding ` +
          `(decode ${part('decode_ms')}, edges and contrast ${part('refine_ms')}, compose ${part('compose_ms')})`,
      );
    }
    console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  } finally {
    await resources.dispose();
    rmSync(folder, { recursive: true });
  }
}
