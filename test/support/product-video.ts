import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { H264, makeVideo } from './videos';

/** A red can that moves across a room and comes nearer, and where it is. */
export interface ProductVideo {
  file: string;
  width: number;
  height: number;
  /** Of each frame `x, y, width, height` of the can, in pixels; nothing where it is not in the room. */
  boxes: ([number, number, number, number] | undefined)[];
}

const [WIDTH, HEIGHT] = [320, 240];

/**
 * Draws the video.
 * @param options `frames`: how many; `hidden`: those in which the can is away
 */
export async function makeProductVideo(
  folder: string,
  name = 'can.mp4',
  { frames = 12, hidden = [] }: { frames?: number; hidden?: number[] } = {},
): Promise<ProductVideo> {
  const pictures = join(folder, `${name}-frames`);
  mkdirSync(pictures, { recursive: true });
  const boxes: ProductVideo['boxes'] = [];
  for (let i = 0; i < frames; i++) {
    const along = i / Math.max(1, frames - 1);
    const width = Math.round(56 + 24 * along);
    const height = Math.round(width * 1.6);
    const [x, y] = [Math.round(60 + 110 * along), Math.round(70 - 20 * along)];
    const isHere = !hidden.includes(i);
    boxes.push(isHere ? [x, y, width, height] : undefined);
    await sharp(Buffer.from(room(isHere ? can(x, y, width, height) : '')))
      .png()
      .toFile(join(pictures, `${String(i).padStart(4, '0')}.png`));
  }
  const file = makeVideo(folder, name, ['-r', '25', '-i', join(pictures, '%04d.png')], H264);
  return { file, width: WIDTH, height: HEIGHT, boxes };
}

const room = (
  product: string,
) => `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
  <defs><linearGradient id="wall" x2="0" y2="1"><stop stop-color="#a9b4ba"/><stop offset="1" stop-color="#cfd3d0"/></linearGradient>
  <linearGradient id="tin"><stop stop-color="#7d0f14"/><stop offset=".35" stop-color="#e63a3f"/><stop offset="1" stop-color="#8c1217"/></linearGradient></defs>
  <rect width="100%" height="100%" fill="url(#wall)"/><rect y="200" width="100%" height="40" fill="#8d8477"/>${product}</svg>`;

const can = (x: number, y: number, width: number, height: number) =>
  `<g transform="translate(${x} ${y}) scale(${width / 100} ${height / 160})"><rect width="100" height="160" rx="14" fill="url(#tin)"/>
  <rect y="52" width="100" height="46" fill="#f4f1e6"/><text x="50" y="84" font-size="30" font-family="sans-serif" font-weight="bold" text-anchor="middle" fill="#7d0f14">COLA</text></g>`;
