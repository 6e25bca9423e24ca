import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { builtFile, packageRoot } from '../lib/contracts';

const PRODUCTS = [
  'packshots/mug',
  'packshots/kettle',
  'packshots/vase',
  'packshots/cosmetics',
  'packshots/handbag',
  'packshots/headphones',
  'translucent/amber-dropper',
  'hair/bear',
];
const PRESETS = [
  'product-studio',
  'minimalist',
  'studio-gradient',
  'marble',
  'wood',
  'linen',
  'concrete',
  'podium',
];

/** Pixels of a picture's side, of the gap between two, and of the line of names on top. */
const CELL = 320;
const GAP = 6;
const HEAD = 30;

/**
 * `npm run sheet:presets` draws docs/presets.jpg: what `vitrine replace` makes of eight photos of examples/ on eight
 * presets each, with their own masks, so that no model has to be there. One look over a batch: one frame for all.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-presets-'));
  try {
    const layers: OverlayOptions[] = PRESETS.map((preset, column) => ({
      input: name(preset),
      left: GAP + column * (CELL + GAP),
      top: 0,
    }));
    for (const [row, product] of PRODUCTS.entries()) {
      replace(product, folder);
      for (const [column, preset] of PRESETS.entries()) {
        const file = join(folder, `${basename(product)}.${preset}.png`);
        const input = await sharp(file).resize(CELL, CELL).png().toBuffer();
        layers.push({ input, left: GAP + column * (CELL + GAP), top: HEAD + row * (CELL + GAP) });
      }
    }
    const width = GAP + PRESETS.length * (CELL + GAP);
    const height = HEAD + PRODUCTS.length * (CELL + GAP);
    const file = join(packageRoot, 'docs/presets.jpg');
    const { size } = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
      .composite(layers)
      .jpeg({ quality: 84, mozjpeg: true })
      .toFile(file);
    console.log(
      `${file}: ${PRODUCTS.length} products on ${PRESETS.length} presets, ${Math.round(size / 1000)} kB`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Shows a product on all presets, as a user would. */
function replace(product: string, folder: string): void {
  const photo = join(packageRoot, 'examples', `${product}.jpg`);
  const mask = join(packageRoot, 'examples', `${product}.alpha.png`);
  const frame = ['--width', '1200', '--height', '1200', '--format', 'png'];
  const args = ['replace', photo, '-o', `${folder}/`, '--mask', mask, '--preset', PRESETS.join(), ...frame];
  execFileSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], { cwd: folder, stdio: 'ignore' });
}

function name(preset: string): Buffer {
  return Buffer.from(`<svg width="${CELL}" height="${HEAD}"><text x="0" y="${HEAD / 2 + 5}"
    font-family="sans-serif" font-size="15" fill="#222222">${preset}</text></svg>`);
}

void main();
