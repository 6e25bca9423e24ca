import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot, type Alpha, type RgbImage } from '../lib/contracts';
import { decontaminate, multiLevelForeground } from '../lib/matting';

/** What is done to the colours before they are cut out with the true alpha. */
export const METHODS = {
  plain: (image: RgbImage) => image,
  'blur-fusion': decontaminate,
  'multi-level': multiLevelForeground,
};
export type Method = keyof typeof METHODS;

export interface EdgeErrors {
  /** Such as `packshots/mug`. */
  name: string;
  /** Mean absolute error of soft pixels, in levels of 0..255, laid with the true alpha on any one colour. */
  errors: Record<Method, number>;
}

/**
 * Colour errors in the edge band of the rendered examples, whose foreground and alpha are known. A backdrop adds the same
 * to what is and to what should be, so none has to be chosen: what remains is alpha times the error of the foreground.
 */
export async function measure(): Promise<EdgeErrors[]> {
  const found: EdgeErrors[] = [];
  for await (const { name, photo, truth, alpha } of examples()) {
    const errors = { plain: 0, 'blur-fusion': 0, 'multi-level': 0 };
    for (const method of Object.keys(METHODS) as Method[]) {
      errors[method] = errorOf(METHODS[method](photo, alpha), truth, alpha);
    }
    found.push({ name, errors });
  }
  return found;
}

/** A rendered example: the photo, and what is really in it. */
export interface Example {
  name: string;
  photo: RgbImage;
  /** The product's own colours. */
  truth: RgbImage;
  alpha: Alpha;
}

/** @param names of those wanted, which come in this order; nothing: all */
export async function* examples(names?: string[]): AsyncGenerator<Example> {
  const folder = join(packageRoot, 'examples');
  const entries = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Entry[];
  const wanted = names ? names.map((name) => entries.find((entry) => entry.name === name)!) : entries;
  for (const { name, file, alpha, foreground } of wanted) {
    yield {
      name,
      photo: await load(join(folder, file)),
      truth: await load(join(folder, foreground)),
      alpha: await loadMatte(join(folder, alpha)),
    };
  }
}

/** How many times smaller a method's error is than that of a plain cut, over all pictures together. */
export function improvement(rows: EdgeErrors[], method: Method): number {
  const sum = (which: Method) => rows.reduce((total, { errors }) => total + errors[which], 0);
  return sum('plain') / sum(method);
}

interface Entry {
  name: string;
  file: string;
  alpha: string;
  foreground: string;
}

/** Mean absolute error of the soft pixels, as in `EdgeErrors`. */
export function errorOf(image: RgbImage, truth: RgbImage, alpha: Alpha): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < alpha.data.length; i++) {
    const value = alpha.data[i];
    if (value === 0 || value === 255) continue;
    count++;
    for (let at = i * 3; at < i * 3 + 3; at++) {
      const off = image.data[at] - truth.data[at];
      sum += (value / 255) * (off < 0 ? -off : off);
    }
  }
  return sum / (3 * count);
}

async function load(file: string): Promise<RgbImage> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

async function loadMatte(file: string): Promise<Alpha> {
  const { data, info } = await sharp(file).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** Prints the errors, and how many times smaller they are than those of a plain cut. */
export async function run(): Promise<void> {
  const rows = await measure();
  const columns = ({ errors }: EdgeErrors) =>
    (['blur-fusion', 'multi-level'] as const)
      .map(
        (method) =>
          `${errors[method].toFixed(2).padStart(9)} (${(errors.plain / errors[method]).toFixed(2)} x)`,
      )
      .join('');
  console.log('                              plain cut   blur fusion      multi-level');
  for (const row of rows) {
    console.log(`${row.name.padEnd(28)}${row.errors.plain.toFixed(2).padStart(11)}${columns(row)}`);
  }
  for (const method of ['blur-fusion', 'multi-level'] as const) {
    const ratios = rows.map(({ errors }) => errors.plain / errors[method]);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    console.log(
      `${method}: ${improvement(rows, method).toFixed(2)} x smaller on the whole, ${mean.toFixed(2)} x on the mean picture`,
    );
  }
}
