import { lerp, lightOf, smoothstep } from './light';
import type { Backdrop, Stage } from './types';

/** How much darker the far corners of a sweep are than its middle. */
const FALL_OFF = 0.16;

/** Paper whose wall and floor run into one another; the lamp's light falls off towards the far corners. */
export function drawSweep({ width, height, look, foot }: Stage): Backdrop {
  const wall = lightOf(look.colors[0]);
  const floor = lightOf(look.colors[1] ?? look.colors[0]);
  const lamp = lightOf(look.light.color);
  const horizon = look.horizon * height;
  const middle = width * (0.5 + 0.3 * Math.sin((look.light.azimuth * Math.PI) / 180));
  // Gaussians can be taken apart into rows and columns.
  const onWall = Float32Array.from({ length: width }, (_, x) => bell((x - middle) / (0.75 * width)));
  const onFloor = Float32Array.from({ length: width }, (_, x) =>
    bell((x - lerp(foot.x, middle, 0.3)) / (0.7 * width)),
  );
  return {
    horizon,
    paint(y, row) {
      const down = smoothstep(horizon - 0.13 * height, horizon + 0.12 * height, y);
      const high = bell((y - 0.32 * height) / (0.62 * height));
      const low = bell((y - foot.y) / (0.5 * height));
      const [red, green, blue] = wall.map((light, c) => lerp(light, floor[c], down) * lamp[c]);
      for (let x = 0, at = 0; x < width; x++, at += 3) {
        const lit = lerp(onWall[x] * high, onFloor[x] * low, down);
        const light = 1 - FALL_OFF * (1 - lit);
        row[at] = red * light;
        row[at + 1] = green * light;
        row[at + 2] = blue * light;
      }
    },
  };
}

function bell(distance: number): number {
  return Math.exp(-distance * distance);
}
