import { lerp, lightOf, smoothstep } from './light';
import { FORESHORTENING, throwOf } from './shadow';
import { drawSweep } from './sweep';
import type { Backdrop, Stage } from './types';

/** Radius of the top in widths of the product, or in heights of a slender one, and how high the podium is in radii. */
const RADIUS = 0.78;
const SLENDER = 0.4;
const HIGH = 0.42;

/** A round podium on a sweep: a top that catches the lamp, and a side that turns away from it. */
export function drawPodium(stage: Stage): Backdrop {
  const { width, height, look, foot } = stage;
  const sweep = drawSweep({ ...stage, foot: { ...foot, y: Math.min(height, foot.y + 0.1 * height) } });
  const color = lightOf(look.colors[2] ?? look.colors[1] ?? look.colors[0]);
  const lamp = lightOf(look.light.color);
  const radius = Math.min(Math.max(RADIUS * foot.width, SLENDER * foot.height), 0.46 * width);
  const flat = radius * FORESHORTENING;
  const centre = foot.y - 0.1 * foot.width * Math.min(1, foot.height / foot.width);
  const deep = HIGH * radius;
  const angle = (look.light.azimuth * Math.PI) / 180;
  const away = throwOf(look.light);
  const top = { x: foot.x, y: centre, a: radius, b: flat };
  const bottom = { ...top, y: centre + deep };
  // Its own shadow lies on the floor, away from the lamp.
  const shadow = {
    x: foot.x + 0.7 * away.right * deep,
    y: bottom.y - 0.7 * away.up * deep,
    a: radius * 1.12,
    b: flat * 1.18,
  };
  return {
    horizon: sweep.horizon,
    paint(y, row) {
      sweep.paint(y, row);
      for (let x = 0, at = 0; x < width; x++, at += 3) {
        const dark = shadowAt(x, y);
        if (dark > 0) for (let c = 0; c < 3; c++) row[at + c] *= 1 - dark;
        const onTop = inside(top, x, y);
        const within = Math.min(1, Math.max(0, radius - Math.abs(x + 0.5 - foot.x) + 0.5));
        const body = y > centre ? Math.max(onTop, Math.min(within, below(x, y))) : onTop;
        if (body <= 0) continue;
        const turn = Math.asin(Math.min(1, Math.max(-1, (x + 0.5 - foot.x) / radius)));
        const side =
          0.5 + 0.38 * Math.max(0, Math.cos(turn - angle)) - 0.1 * smoothstep(centre, bottom.y + flat, y);
        const light = lerp(side, 1, onTop);
        for (let c = 0; c < 3; c++) row[at + c] = lerp(row[at + c], color[c] * lamp[c] * light, body);
      }
    },
  };

  function below(x: number, y: number): number {
    const reach = 1 - ((x + 0.5 - foot.x) / radius) ** 2;
    const edge = bottom.y + flat * Math.sqrt(Math.max(0, reach));
    return Math.min(1, Math.max(0, edge - y));
  }

  function shadowAt(x: number, y: number): number {
    const off = Math.hypot((x - shadow.x) / shadow.a, (y - shadow.y) / shadow.b);
    const near = Math.hypot((x - bottom.x) / bottom.a, (y - bottom.y) / bottom.b);
    const cast = look.light.shadow * (1 - smoothstep(0.75, 1.25, off));
    return Math.min(0.8, cast + 0.5 * look.light.contact * (1 - smoothstep(0.97, 1.08, near)));
  }
}

/** How much of a pixel lies inside an ellipse, 0..1. */
function inside(
  { x: cx, y: cy, a, b }: { x: number; y: number; a: number; b: number },
  x: number,
  y: number,
): number {
  const [dx, dy] = [(x + 0.5 - cx) / a, (y + 0.5 - cy) / b];
  const value = dx * dx + dy * dy - 1;
  if (value > 0.2) return 0;
  // Distance to the edge in pixels, to the first order: value over the length of its gradient.
  const distance = value / Math.max(1e-6, 2 * Math.hypot(dx / a, dy / b));
  return Math.min(1, Math.max(0, 0.5 - distance));
}
