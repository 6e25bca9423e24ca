import sharp from 'sharp';

/** Colours of the wall on the lit and on the far side, and of the table. */
const [LIT, FAR] = [
  [205, 214, 222],
  [165, 172, 178],
];
const TABLE = [150, 110, 70];

export interface SceneShape {
  width?: number;
  height?: number;
  /** Where the table begins, 0 (top) to 1 (bottom). */
  horizon?: number;
  lit?: 'left' | 'right';
  /** A bottle in the middle. */
  product?: boolean;
}

/** A scene as a generator might make it: a wall, and a table that is lit from one side. */
export async function scenePicture({
  width = 640,
  height = 480,
  horizon = 0.6,
  lit = 'left',
  product = false,
}: SceneShape = {}): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = lit === 'left' ? x / width : 1 - x / width;
      for (let c = 0; c < 3; c++) {
        const wall = LIT[c] + (FAR[c] - LIT[c]) * share;
        // Never quite even, as in a photo.
        const grain = ((x * 7 + y * 13 + c * 5) % 7) - 3;
        data[(y * width + x) * 3 + c] =
          (y < horizon * height ? wall : TABLE[c] * (1.2 - 0.4 * share)) + grain;
      }
    }
  }
  const scene = sharp(data, { raw: { width, height, channels: 3 } });
  if (!product) return scene.png().toBuffer();
  const [w, h] = [Math.round(width / 6), Math.round(height / 2)];
  const bottle = `<svg width="${w}" height="${h}"><rect x="${w * 0.35}" width="${w * 0.3}" height="${h * 0.3}" fill="#222"/><rect y="${h * 0.22}" width="${w}" height="${h * 0.78}" rx="${w * 0.2}" fill="#a01830"/><rect y="${h * 0.45}" width="${w}" height="${h * 0.3}" fill="#f4e8d0"/></svg>`;
  const [left, top] = [Math.round((width - w) / 2), Math.round(0.82 * height - h)];
  const composite = scene.composite([{ input: Buffer.from(bottle), left, top }]);
  return composite.removeAlpha().png().toBuffer();
}
