import { lerp, lightOf, smoothstep } from './light';
import { FORESHORTENING, throwOf } from './shadow';
import { drawSweep } from './sweep';
import type { Backdrop, Stage } from './types';

/** Radius of the top in widths of the product, or in heights of a slender one, and how high the podium is in radii. */
const RADIUS = 0.78;
const SLENDER = 0.4;
const HIGH = 0.42;
/** Where its cast shadow and the dark line round its foot have faded out, in radii of theirs. */
const SHADOW_ENDS = 1.25;
const CONTACT_ENDS = 1.08;

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
  const lit = color.map((light, c) => light * lamp[c]);
  const facing = Float32Array.from({ length: width }, (_, x) => {
    const turn = Math.asin(Math.min(1, Math.max(-1, (x + 0.5 - foot.x) / radius)));
    return 0.5 + 0.38 * Math.max(0, Math.cos(turn - angle));
  });
  const column = (x: number) => Math.min(width, Math.max(0, Math.round(x)));
  return {
    horizon: sweep.horizon,
    paint(y, row) {
      sweep.paint(y, row);
      darken(y, row);
      if (y < centre - flat - 1 || y > bottom.y + flat + 1) return;
      const shade = 0.1 * smoothstep(centre, bottom.y + flat, y);
      const to = column(foot.x + radius + 2);
      for (let x = column(foot.x - radius - 2), at = x * 3; x < to; x++, at += 3) {
        const onTop = inside(top, x, y);
        const within = Math.min(1, Math.max(0, radius - Math.abs(x + 0.5 - foot.x) + 0.5));
        const body = y > centre ? Math.max(onTop, Math.min(within, below(x, y))) : onTop;
        if (body <= 0) continue;
        const light = lerp(facing[x] - shade, 1, onTop);
        for (let c = 0; c < 3; c++) row[at + c] = lerp(row[at + c], lit[c] * light, body);
      }
    },
  };

  /** Its shadows on the floor. */
  function darken(y: number, row: Float32Array): void {
    const cast = Math.abs(y - shadow.y) < SHADOW_ENDS * shadow.b;
    if (!cast && Math.abs(y - bottom.y) > CONTACT_ENDS * bottom.b) return;
    const [left, right] = [shadow.x - SHADOW_ENDS * shadow.a, shadow.x + SHADOW_ENDS * shadow.a];
    const to = column(Math.max(right, bottom.x + CONTACT_ENDS * bottom.a));
    for (
      let x = column(Math.min(left, bottom.x - CONTACT_ENDS * bottom.a)), at = x * 3;
      x < to;
      x++, at += 3
    ) {
      const dark = shadowAt(x, y);
      if (dark > 0) for (let c = 0; c < 3; c++) row[at + c] *= 1 - dark;
    }
  }

  function below(x: number, y: number): number {
    const reach = 1 - ((x + 0.5 - foot.x) / radius) ** 2;
    const edge = bottom.y + flat * Math.sqrt(Math.max(0, reach));
    return Math.min(1, Math.max(0, edge - y));
  }

  function shadowAt(x: number, y: number): number {
    const off = distance(shadow, x, y);
    const near = distance(bottom, x, y);
    const cast = look.light.shadow * (1 - smoothstep(0.75, SHADOW_ENDS, off));
    return Math.min(0.8, cast + 0.5 * look.light.contact * (1 - smoothstep(0.97, CONTACT_ENDS, near)));
  }
}

interface Ellipse {
  x: number;
  y: number;
  /** Half its width and half its height. */
  a: number;
  b: number;
}

/** How far from the middle of an ellipse: 1 on its line. */
function distance({ x: cx, y: cy, a, b }: Ellipse, x: number, y: number): number {
  const [dx, dy] = [(x - cx) / a, (y - cy) / b];
  return Math.sqrt(dx * dx + dy * dy);
}

/** How much of a pixel lies inside an ellipse, 0..1. */
function inside({ x: cx, y: cy, a, b }: Ellipse, x: number, y: number): number {
  const [dx, dy] = [(x + 0.5 - cx) / a, (y + 0.5 - cy) / b];
  const value = dx * dx + dy * dy - 1;
  if (value > 0.2) return 0;
  // Distance to the edge in pixels, to the first order: value over the length of its gradient.
  const distance = value / Math.max(1e-6, 2 * Math.hypot(dx / a, dy / b));
  return Math.min(1, Math.max(0, 0.5 - distance));
}
