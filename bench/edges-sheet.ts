import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { packageRoot, type BoundingBox, type RgbImage } from '../lib/contracts';
import { cropTo, flatten, parseColor } from '../lib/image';
import { errorOf, examples, type Example, type Method, METHODS } from './edges';

/** A row: an example, a backdrop that is hard on it, and the corner of the part that is shown `zoom` times as large. */
interface Row {
  name: string;
  color: string;
  at: [number, number];
  zoom: number;
}

const ROWS: Row[] = [
  { name: 'packshots/mug', color: '#1400c8', at: [992, 412], zoom: 8 },
  { name: 'packshots/headphones', color: '#c800a0', at: [207, 428], zoom: 8 },
  { name: 'translucent/green-bottle', color: '#e000a0', at: [440, 430], zoom: 1 },
  { name: 'hair/pompom', color: '#c80014', at: [235, 870], zoom: 4 },
  { name: 'hair/bear', color: '#006432', at: [721, 805], zoom: 4 },
  { name: 'scenes/bathroom', color: '#ff5000', at: [220, 310], zoom: 4 },
];
const COLUMNS = ['plain', 'blur-fusion', 'multi-level'] as const satisfies Method[];
const TITLES = ['Photo', 'Part of it', 'Plain cut', 'Blur fusion', 'Multi-level', 'Truth'];

/** Pixels of a picture on the sheet, of the gap between two, and of the lines of text. */
const CELL = { width: 256, height: 224 };
const GAP = 8;
const HEAD = 36;
const FOOT = 26;

/**
 * `npm run sheet` draws docs/images/edges.webp: rendered examples, cut out with their true alpha and laid on strong
 * colours. Each way of finding the edge's colours stands beside the true foreground on the same colour.
 */
async function main(): Promise<void> {
  const layers: OverlayOptions[] = TITLES.map((title, column) => label(title, column, 0, HEAD, 18));
  let top = HEAD;
  for await (const example of examples(ROWS.map(({ name }) => name))) {
    const row = ROWS.find(({ name }) => name === example.name)!;
    const { pictures, notes } = await cells(example, row);
    pictures.forEach((input, column) => layers.push({ input, left: left(column), top }));
    notes.forEach((note, column) => layers.push(label(note, column, top + CELL.height, FOOT, 14)));
    top += CELL.height + FOOT + GAP;
  }
  const sheet = sharp({
    create: {
      width: left(TITLES.length),
      height: top,
      channels: 3,
      background: '#ffffff',
    },
  });
  const file = join(packageRoot, 'docs/images/edges.webp');
  const { size } = await sheet.composite(layers).webp({ lossless: true, effort: 6 }).toFile(file);
  console.log(`${file}: ${Math.round(size / 1000)} kB`);
}

/** The pictures of a row as PNG, each of a cell's size, and what is written below them. */
async function cells({ name, photo, truth, alpha }: Example, { color, at, zoom }: Row) {
  const box: BoundingBox = [...at, CELL.width / zoom, CELL.height / zoom];
  const backdrop = parseColor(color);
  const laid = (image: RgbImage) => enlarge(flatten(cropTo(image, box), cropTo(alpha, box), backdrop));
  const pictures = [await overview(photo, box), await enlarge(cropTo(photo, box))];
  const notes = [name, ''];
  const plain = errorOf(photo, truth, alpha);
  for (const method of COLUMNS) {
    const image = METHODS[method](photo, alpha);
    const error = errorOf(image, truth, alpha);
    pictures.push(await laid(image));
    notes.push(
      method === 'plain'
        ? `error ${error.toFixed(2)}`
        : `${error.toFixed(2)}, ${(plain / error).toFixed(2)} × smaller`,
    );
  }
  return { pictures: [...pictures, await laid(truth)], notes };
}

/** The whole photo with a frame around the part. */
function overview({ data, width, height }: RgbImage, [x, y, across, down]: BoundingBox): Promise<Buffer> {
  const scale = Math.min(CELL.width / width, CELL.height / height);
  const frame = `<svg width="${width}" height="${height}"><rect x="${x}" y="${y}" width="${across}" height="${down}"
    fill="none" stroke="#ff0000" stroke-width="${2 / scale}"/></svg>`;
  const framed = sharp(data, { raw: { width, height, channels: 3 } }).composite([
    { input: Buffer.from(frame) },
  ]);
  return framed
    .png()
    .toBuffer()
    .then((png) =>
      sharp(png).resize(CELL.width, CELL.height, { fit: 'contain', background: '#ffffff' }).png().toBuffer(),
    );
}

/** Every pixel as a square. */
function enlarge({ data, width, height }: RgbImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(CELL.width, CELL.height, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

function label(text: string, column: number, top: number, height: number, size: number): OverlayOptions {
  const svg = `<svg width="${CELL.width}" height="${height}"><text x="0" y="${height / 2 + size / 3}"
    font-family="sans-serif" font-size="${size}" fill="#222222">${text}</text></svg>`;
  return { input: Buffer.from(svg), left: left(column), top };
}

function left(column: number): number {
  return GAP + column * (CELL.width + GAP);
}

void main();
