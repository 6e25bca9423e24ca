import { lerp, lightOf, smoothstep } from './light';
import type { Backdrop, Stage } from './types';

/** A paper sweep: wall and floor run into one another, and the lamp's light falls off towards the far corners. */
export function drawStudio({ width, height, look }: Stage): Backdrop {
  const wall = lightOf(look.colors[0]);
  const floor = lightOf(look.colors[1] ?? look.colors[0]);
  const horizon = look.horizon * height;
  const lampX = 0.5 + 0.35 * Math.sin((look.light.azimuth * Math.PI) / 180);
  return {
    horizon,
    paint(y, row) {
      const down = smoothstep(horizon - 0.14 * height, horizon + 0.1 * height, y);
      const dy = y / height - 0.45;
      for (let x = 0, at = 0; x < width; x++) {
        const dx = x / width - lampX;
        const light = 1 - 0.3 * Math.min(1, dx * dx + dy * dy);
        for (let c = 0; c < 3; c++) row[at++] = lerp(wall[c], floor[c], down) * light;
      }
    },
  };
}
