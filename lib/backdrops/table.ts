import { lerp, lightOf, smoothstep } from './light';
import type { MakeSurface } from './surfaces/types';
import type { Backdrop, Light3, Stage } from './types';

/** How far the eye is above the table where the product stands, in widths of the frame. */
const EYE = 0.62;
/** How soft the far edge of the table is, and what is on it: out of focus, as a share of the frame's height. */
const BLUR = 0.012;

/** A table in perspective before a wall that is out of focus. */
export function drawTable({ width, height, look, seed, foot }: Stage, material: MakeSurface): Backdrop {
  const lamp = lightOf(look.light.color);
  const [wall, base, accent] = [0, 1, 2].map((index) => {
    const color = look.colors[Math.min(index, look.colors.length - 1)];
    return lightOf(color).map((light, c) => light * lamp[c]) as Light3;
  });
  const surface = material({ base, accent, seed, length: width });
  const table = new Float32Array(width * 3);
  // The table ends above where the product stands; the line where it would vanish lies higher still.
  const edge = Math.min(look.horizon * height, foot.y - 0.08 * height);
  const vanish = edge - 0.9 * (foot.y - edge) - 0.05 * height;
  const side = Math.sin((look.light.azimuth * Math.PI) / 180);
  const bright = Float32Array.from(
    { length: width },
    (_, x) => 1 - 0.14 * ((x / width - 0.5) * 1.2 - 0.4 * side) ** 2 * 4,
  );
  const spot = Float32Array.from({ length: width }, (_, x) =>
    Math.exp(-(((x / width - 0.5 - 0.22 * side) / 0.6) ** 2)),
  );
  const soft = BLUR * height;
  return {
    horizon: edge,
    paint(y, row) {
      const onTable = smoothstep(edge - soft, edge + soft, y);
      const glow = Math.exp(-(((y / height - 0.3) / 0.55) ** 2));
      // Where the table ends, the wall's foot lies in shade.
      const shade = 1 - 0.12 * Math.exp(-Math.max(0, edge - y) / (0.05 * height));
      if (onTable < 1) {
        for (let x = 0, at = 0; x < width; x++, at += 3) {
          const light = (0.74 + 0.26 * spot[x] * glow) * shade;
          row[at] = wall[0] * light;
          row[at + 1] = wall[1] * light;
          row[at + 2] = wall[2] * light;
        }
      }
      if (onTable > 0) paintTable(y, row, onTable);
    },
  };

  function paintTable(y: number, row: Float32Array, cover: number): void {
    // Rows in equal steps on the picture lie ever further apart on the table.
    const depth = (foot.y - vanish) / Math.max(1, Math.max(y, edge - soft) - vanish);
    const scale = depth / width;
    const v = EYE * depth * 2;
    const away = (EYE * 2 * depth * depth) / (foot.y - vanish);
    // What is far from the product is out of focus.
    const pixel = Math.max(scale, 0.5 * away) + 0.012 * Math.abs(depth - 1) ** 1.3;
    const light = lerp(0.86, 1, smoothstep(edge, foot.y, y)) * lerp(1, 0.94, smoothstep(foot.y, height, y));
    surface({ x: -foot.x * scale, y: v, step: scale, pixel }, table);
    for (let x = 0, at = 0; x < width; x++, at += 3) {
      const lit = light * bright[x];
      row[at] = lerp(row[at], table[at] * lit, cover);
      row[at + 1] = lerp(row[at + 1], table[at + 1] * lit, cover);
      row[at + 2] = lerp(row[at + 2], table[at + 2] * lit, cover);
    }
  }
}
