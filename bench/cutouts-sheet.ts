import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { builtFile, packageRoot } from '../lib/contracts';

/** Shown a second time, on another colour: glass, fur, thin things, white on white, scenes. */
const AGAIN = [
  'packshots/vase',
  'packshots/headphones',
  'translucent/green-bottle',
  'translucent/amber-dropper',
  'hair/pompom',
  'hair/bear',
  'scenes/kitchen',
  'scenes/bathroom',
  'scenes/playroom',
];
/** Hard on every edge that keeps something of its old backdrop. */
const COLOURS = ['#e0006c', '#00a0c8', '#9be000', '#6200ea', '#ff6d00', '#00702a', '#ffd600', '#1400c8'];
const COLUMNS = 6;

/** Pixels of a cutout's side on the sheet, of the gap between two, and of the line below each. */
const CELL = 288;
const GAP = 8;
const FOOT = 24;

interface Line {
  input: string;
  artifacts: { output: string };
  model: string;
  confidence: number;
  unsure: boolean;
}

/**
 * `npm run sheet:cutouts` draws docs/images/cutouts.webp: what `vitrine remove` makes of the photos of examples/ with
 * nothing downloaded, on strong colours. Below each cutout stands how sure it is.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-sheet-'));
  try {
    const results = cutOut(folder);
    const names = [...results.keys(), ...AGAIN];
    const layers: OverlayOptions[] = [];
    for (const [index, name] of names.entries()) {
      const line = results.get(name)!;
      const left = GAP + (index % COLUMNS) * (CELL + GAP);
      const top = GAP + Math.floor(index / COLUMNS) * (CELL + FOOT + GAP);
      const background = COLOURS[(index * 3 + Math.floor(index / COLUMNS)) % COLOURS.length];
      layers.push({ input: await onColour(join(folder, line.artifacts.output), background), left, top });
      layers.push({ input: label(name, line), left, top: top + CELL });
    }
    const rows = Math.ceil(names.length / COLUMNS);
    const [width, height] = [GAP + COLUMNS * (CELL + GAP), GAP + rows * (CELL + FOOT + GAP)];
    const sheet = sharp({ create: { width, height, channels: 3, background: '#ffffff' } });
    const file = join(packageRoot, 'docs/images/cutouts.webp');
    const { size } = await sheet
      .composite(layers)
      .webp({ quality: 86, smartSubsample: true, effort: 6 })
      .toFile(file);
    console.log(`${file}: ${names.length} cutouts, ${Math.round(size / 1000)} kB`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Cuts all examples out as a user would; the results by the examples' names, in their order. */
function cutOut(folder: string): Map<string, Line> {
  const photos = join(packageRoot, 'examples/*/*.jpg');
  const args = ['remove', photos, '-o', 'cutouts', '--crop', '--padding', '6', '--json'];
  const home = { VITRINE_HOME: folder, VITRINE_MODELS_DIR: join(folder, 'models') };
  const stdout = execFileSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
    cwd: folder,
    env: { ...process.env, ...home },
    encoding: 'utf8',
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return new Map(
    lines
      .map((line): [string, Line] => [/([^/\\]+[/\\][^/\\]+)\.jpg$/.exec(line.input)![1], line])
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

async function onColour(file: string, background: string): Promise<Buffer> {
  // In two steps: sharp flattens before it resizes, and would leave the room around the cutout without its colour.
  const cell = await sharp(file)
    .resize(CELL, CELL, { fit: 'contain', background: '#00000000' })
    .png()
    .toBuffer();
  return sharp(cell).flatten({ background }).png().toBuffer();
}

function label(name: string, { confidence, unsure }: Line): Buffer {
  const text = `${name} · ${confidence.toFixed(2)}${unsure ? ', unsure' : ''}`;
  return Buffer.from(`<svg width="${CELL}" height="${FOOT}"><text x="0" y="${FOOT / 2 + 5}"
    font-family="sans-serif" font-size="14" fill="#222222">${text}</text></svg>`);
}

void main();
