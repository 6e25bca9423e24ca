import type { RgbImage } from '../contracts';

const PAPER = 255;

/** @param square side of a square, in pixels of the picture */
export function checkerboard(width: number, height: number, square: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      data.fill((Math.floor(x / square) + Math.floor(y / square)) % 2 ? 204 : 240, at, at + 3);
    }
  }
  return { data, width, height };
}

/**
 * Lays pictures out in rows, each row as high as its highest picture.
 * @param options `cell`: pixels that each picture has across, at most; `gap`: pixels around it
 */
export function arrange(
  cells: readonly RgbImage[],
  { columns, cell, gap }: { columns: number; cell: number; gap: number },
): RgbImage {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) => {
    const pictures = cells.slice(row * columns, (row + 1) * columns);
    return { pictures, height: Math.max(...pictures.map(({ height }) => height)) };
  });
  const width = columns * (cell + gap) + gap;
  const height = rows.reduce((sum, row) => sum + row.height + gap, gap);
  const sheet: RgbImage = { data: new Uint8Array(width * height * 3).fill(PAPER), width, height };
  let top = gap;
  for (const row of rows) {
    row.pictures.forEach((picture, column) => {
      const left = gap + column * (cell + gap) + Math.floor((cell - picture.width) / 2);
      paste(sheet, picture, left, top + Math.floor((row.height - picture.height) / 2));
    });
    top += row.height + gap;
  }
  return sheet;
}

function paste(sheet: RgbImage, picture: RgbImage, left: number, top: number): void {
  const bytes = picture.width * 3;
  for (let row = 0; row < picture.height; row++) {
    const line = picture.data.subarray(row * bytes, (row + 1) * bytes);
    sheet.data.set(line, ((top + row) * sheet.width + left) * 3);
  }
}
