import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile, packageRoot } from '../lib/contracts';

/** Pixels of a tile's side before and after, and of the gap between two. */
const TILE = 400;
const GAP = 8;
/** Pixels of a moving picture's width, and of a square of the pattern that stands for nothing. */
const WIDTH = 340;
const CHECK = 10;
/** Steps in which one picture wipes over another, and milliseconds of each. */
const STEPS = 4;
const STEP = 70;

const BEFORE_AFTER = [
  { product: 'scenes/kitchen', presets: ['product-studio', 'wood', 'podium'] },
  { product: 'scenes/bathroom', presets: ['minimalist', 'marble', 'studio-gradient'] },
];

/** What a product is shown on one after the other, and for how many milliseconds each. */
interface Story {
  product: string;
  scenes: { preset: string; overrides?: object }[];
  hold: number;
}

const STORIES: Record<string, Story> = {
  'product-studio': {
    product: 'scenes/bathroom',
    scenes: [-50, -20, 20, 50].map((azimuth) => ({
      preset: 'product-studio',
      overrides: { light: { azimuth } },
    })),
    hold: 700,
  },
  'portrait-outdoor': {
    product: 'hair/bear',
    scenes: ['portrait-outdoor', 'nature-scene', 'kitchen'].map((preset) => ({ preset })),
    hold: 1200,
  },
  minimalist: {
    product: 'packshots/headphones',
    scenes: [undefined, ['#c9d6d3', '#d3dedb'], ['#e3c4b5', '#e9cfc2']].map((colors) => ({
      preset: 'minimalist',
      overrides: { colors },
    })),
    hold: 1000,
  },
};

/**
 * `npm run sheet:replace` draws the README's pictures of replacement from photos of examples/ with their own masks:
 * before and after, and one moving picture for each preset that the seed service showed.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-pictures-'));
  try {
    await drawBeforeAfter(folder);
    for (const [name, story] of Object.entries(STORIES)) await drawStory(name, story, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function drawBeforeAfter(folder: string): Promise<void> {
  const layers = [];
  for (const [row, { product, presets }] of BEFORE_AFTER.entries()) {
    const files = [photoOf(product)];
    for (const preset of presets) {
      const file = join(folder, `${row}-${preset}.png`);
      replace(product, file, ['--preset', preset, '--width', '1200', '--height', '1200']);
      files.push(file);
    }
    for (const [column, file] of files.entries()) {
      const input = await sharp(file).resize(TILE, TILE, { fit: 'cover' }).png().toBuffer();
      layers.push({ input, left: column * (TILE + GAP), top: row * (TILE + GAP) });
    }
  }
  const [width, height] = [4, BEFORE_AFTER.length].map((count) => count * (TILE + GAP) - GAP);
  const file = join(packageRoot, 'docs/images/before-after.webp');
  const { size } = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(layers)
    .webp({ quality: 86, effort: 6 })
    .toFile(file);
  tell(file, size);
}

/** Photo, cutout, and the scenes, each wiping over the one before; the product stays where it is. */
async function drawStory(name: string, { product, scenes, hold }: Story, folder: string): Promise<void> {
  const cut = join(folder, `${name}-cut.png`);
  const dark = { light: { shadow: 0, contact: 0 } };
  keepInPlace(product, cut, { preset: 'shadow-only', overrides: dark });
  const shown = [await small(photoOf(product)), await onPattern(await small(cut))];
  for (const [index, scene] of scenes.entries()) {
    const file = join(folder, `${name}-${index}.png`);
    keepInPlace(product, file, scene);
    shown.push(await small(file));
  }
  const frames: Buffer[] = [];
  const delay: number[] = [];
  for (const [index, picture] of shown.entries()) {
    frames.push(picture);
    delay.push(index < 2 ? 900 : hold);
    const next = shown[(index + 1) % shown.length];
    for (let step = 1; step < STEPS; step++) {
      frames.push(await wipe(picture, next, step / STEPS));
      delay.push(STEP);
    }
  }
  const file = join(packageRoot, `docs/images/${name}.gif`);
  const { size } = await sharp(frames, { join: { animated: true } })
    .gif({
      delay,
      loop: 0,
      colours: 128,
      dither: 0.6,
      effort: 7,
      interFrameMaxError: 4,
      interPaletteMaxError: 0.5,
    })
    .toFile(file);
  tell(file, size);
}

function photoOf(product: string): string {
  return join(packageRoot, 'examples', `${product}.jpg`);
}

function keepInPlace(
  product: string,
  file: string,
  { preset, overrides = {} }: Story['scenes'][number],
): void {
  const look = ['--preset', preset, '--overrides', JSON.stringify(overrides)];
  replace(product, file, [...look, '--keep-position', '--no-match-colors']);
}

/** Shows a product as a user would. */
function replace(product: string, file: string, options: string[]): void {
  const mask = join(packageRoot, 'examples', `${product}.alpha.png`);
  const args = ['replace', photoOf(product), '-o', file, '--mask', mask, ...options];
  execFileSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], { stdio: 'ignore' });
}

function small(file: string): Promise<Buffer> {
  return sharp(file).resize(WIDTH).png().toBuffer();
}

/** A cutout on the pattern of squares that stands for nothing. */
async function onPattern(cutout: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(cutout).metadata();
  const pattern = `<svg width="${width}" height="${height}"><defs><pattern id="p" width="${2 * CHECK}"
    height="${2 * CHECK}" patternUnits="userSpaceOnUse"><rect width="${2 * CHECK}" height="${2 * CHECK}" fill="#ffffff"/>
    <path d="M0 0h${CHECK}v${2 * CHECK}h${CHECK}v-${CHECK}h-${2 * CHECK}z" fill="#e4e4e4"/></pattern></defs>
    <rect width="100%" height="100%" fill="url(#p)"/></svg>`;
  return sharp(Buffer.from(pattern))
    .composite([{ input: cutout }])
    .removeAlpha()
    .png()
    .toBuffer();
}

/** One picture over another from the left, as far as `share`. */
async function wipe(under: Buffer, over: Buffer, share: number): Promise<Buffer> {
  const { width, height } = await sharp(over).metadata();
  const part = sharp(over).extract({ left: 0, top: 0, width: Math.round(share * width), height });
  return sharp(under)
    .composite([{ input: await part.png().toBuffer(), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

function tell(file: string, size: number): void {
  console.log(`${file}: ${Math.round(size / 1000)} kB`);
}

void main();
