import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type PictureFiles, type Source, packageRoot } from '../lib/contracts';

const PRODUCTS = ['mug', 'kettle', 'vase', 'cosmetics', 'handbag', 'headphones', 'toy-car'];

/**
 * Photos of examples/ as sources of training pictures, cut out by their own mattes.
 * @param folder where the cutouts are written
 */
export async function exampleSources(folder: string): Promise<{ files: PictureFiles; sources: Source[] }> {
  const files: PictureFiles = { originals: {}, cutouts: {}, backgrounds: {} };
  const sources: Source[] = [];
  for (const upc of PRODUCTS) {
    const stem = join(packageRoot, 'examples/packshots', upc);
    const cutout = join(folder, `${upc}.png`);
    const { width, height } = await sharp(`${stem}.jpg`).metadata();
    const alpha = await sharp(`${stem}.alpha.png`).extractChannel(0).raw().toBuffer();
    const color = await sharp(`${stem}.foreground.png`).removeAlpha().raw().toBuffer();
    const rgba = Buffer.alloc(alpha.length * 4);
    for (let at = 0; at < alpha.length; at++) {
      rgba.set(color.subarray(at * 3, at * 3 + 3), at * 4);
      rgba[at * 4 + 3] = alpha[at];
    }
    await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toFile(cutout);
    const sha256 = hashOf(`${stem}.jpg`);
    files.originals[sha256] = `${stem}.jpg`;
    files.cutouts[sha256] = cutout;
    sources.push({ name: `${upc}.jpg`, sha256, upc, width, height, border: null, cut: 'mask' });
  }
  return { files, sources };
}

/** SHA-256 of a file, hexadecimal. */
export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
