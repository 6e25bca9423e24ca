import type { Look } from '../contracts';
import { wrapOf } from './edges';
import { groundOf } from './ground';
import type { Placed, Size } from './place';
import { type Reflection, reflectionOf } from './reflection';
import { shadowOf } from './shadow';
import { type Plane, silhouetteOf } from './silhouette';
import { type Surroundings, lightAt } from './surroundings';
import type { Backdrop, Light3 } from './types';

/** How much of a floor's colour its shadows take on: light between floor and product goes to and fro. */
const TINT = 0.12;

/** What a product does to the floor that it stands on, row by row. */
export interface Floor {
  /** Darkens a row of linear light, and mirrors the product in it. */
  paint(y: number, row: Float32Array): void;
  /** The scene's light on the product's edge. */
  wrap?: { plane: Plane; cells: Cells };
}

export interface FloorOptions {
  frame: Size;
  look: Look;
  surroundings: Surroundings;
  wrap: boolean;
}

/** Shadows and reflection of a product on its backdrop, and the scene's light on its edge. */
export function floorOf(
  backdrop: Pick<Backdrop, 'horizon'>,
  product: Placed,
  { frame, look, surroundings, wrap }: FloorOptions,
): Floor {
  const { light, reflection } = look;
  const mirrors = reflection > 0 && backdrop.horizon !== undefined;
  const shades = light.shadow > 0 || light.contact > 0;
  if (!mirrors && !shades && !wrap) return { paint: () => undefined };
  const shape = silhouetteOf(product, frame);
  const ground = groundOf(shape);
  const shade = shades ? shadowOf(shape, ground, light) : undefined;
  const mirror = mirrors ? reflectionOf(product, shape, ground, reflection) : undefined;
  const tint = tintOf(surroundings, product, frame);
  const cells = new Cells(frame.width, shape.step, shape.width);
  const top = shape.bottom - (shape.bottom - shape.top) * 0.15;
  return {
    wrap: wrap ? { plane: wrapOf(shape), cells } : undefined,
    paint(y, row) {
      if (mirror && y / shape.step > top) reflect(row, mirror, cells, y);
      if (shade) darken(row, shade, cells, y, tint);
    },
  };
}

/** Reads planes of cells at the pixels of a row. */
export class Cells {
  private readonly first: Int32Array;
  private readonly share: Float32Array;
  private readonly lines = new Map<Plane, Float32Array>();

  constructor(
    readonly pixels: number,
    private readonly step: number,
    columns: number,
  ) {
    this.first = new Int32Array(pixels);
    this.share = new Float32Array(pixels);
    for (let x = 0; x < pixels; x++) {
      const place = Math.min(columns - 1, Math.max(0, (x + 0.5) / step - 0.5));
      this.first[x] = Math.min(Math.max(0, columns - 2), Math.floor(place));
      this.share[x] = place - this.first[x];
    }
  }

  /** The plane's values along row `y` of the frame; valid until it is asked for another row. */
  row(plane: Plane, y: number): { line: Float32Array; first: Int32Array; share: Float32Array } {
    const { width, height, data } = plane;
    const place = Math.min(height - 1, Math.max(0, (y + 0.5) / this.step - 0.5));
    const above = Math.min(Math.max(0, height - 2), Math.floor(place));
    const part = place - above;
    const below = Math.min(height - 1, above + 1) * width;
    const line = this.lines.get(plane) ?? new Float32Array(width + 1);
    this.lines.set(plane, line);
    for (let x = 0; x < width; x++) {
      const upper = data[above * width + x];
      line[x] = upper + (data[below + x] - upper) * part;
    }
    line[width] = line[width - 1];
    return { line, first: this.first, share: this.share };
  }

  /** The pixels, from one to before the other, whose cells are not all `nothing`. */
  span(line: Float32Array, nothing: number): { from: number; to: number } {
    const cells = line.length - 1;
    let [from, to] = [0, cells];
    while (from < cells && line[from] === nothing) from++;
    while (to > from && line[to - 1] === nothing) to--;
    if (from === to) return { from: 0, to: 0 };
    return { from: Math.max(0, (from - 1) * this.step), to: Math.min(this.pixels, (to + 1) * this.step) };
  }
}

function darken(row: Float32Array, shade: Plane, cells: Cells, y: number, tint: Light3): void {
  const { line, first, share } = cells.row(shade, y);
  const [red, green, blue] = tint;
  const { from: start, to } = cells.span(line, 1);
  for (let x = start, at = start * 3; x < to; x++, at += 3) {
    const from = line[first[x]];
    const dark = 1 - from - (line[first[x] + 1] - from) * share[x];
    if (dark <= 0) continue;
    row[at] *= 1 - dark * red;
    row[at + 1] *= 1 - dark * green;
    row[at + 2] *= 1 - dark * blue;
  }
}

function reflect(row: Float32Array, mirror: Reflection, cells: Cells, y: number): void {
  const { line: cover, first, share } = cells.row(mirror[3], y);
  const { from, to } = cells.span(cover, 0);
  if (from === to) return;
  const [red, green, blue] = mirror.map((plane) => cells.row(plane, y).line);
  for (let x = from, at = from * 3; x < to; x++, at += 3) {
    const cell = first[x];
    const part = share[x];
    const seen = cover[cell] + (cover[cell + 1] - cover[cell]) * part;
    if (seen <= 0) continue;
    row[at] = row[at] * (1 - seen) + red[cell] + (red[cell + 1] - red[cell]) * part;
    row[at + 1] = row[at + 1] * (1 - seen) + green[cell] + (green[cell + 1] - green[cell]) * part;
    row[at + 2] = row[at + 2] * (1 - seen) + blue[cell] + (blue[cell + 1] - blue[cell]) * part;
  }
}

/** How much each channel is darkened where a shadow is: less of the floor's own colour; 1 on average. */
function tintOf(surroundings: Surroundings, { box }: Placed, { width, height }: Size): Light3 {
  const floor = lightAt(surroundings, (box[0] + box[2] / 2) / width, (box[1] + box[3]) / height);
  const most = Math.max(...floor, 1e-3);
  const mean = (floor[0] + floor[1] + floor[2]) / 3;
  return floor.map((light) => 1 + (TINT * (mean - light)) / most) as Light3;
}
