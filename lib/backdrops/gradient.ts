import { parseColor, toLinear } from '../image';
import { lerp, smoothstep } from './light';
import type { Backdrop, Stage } from './types';

/** From the first colour at the top to the second at the bottom, with a glow of the third, as of things out of focus. */
export function drawGradient({ width, height, look, seed }: Stage): Backdrop {
  const [top, bottom, glow] = [0, 1, 2].map((index) => levelsOf(look.colors[index] ?? look.colors[0]));
  const second = look.colors[1] ? bottom : top;
  const glows = look.colors[2] ? 0.5 : 0;
  const middleX = width * (0.3 + 0.4 * ((seed % 7) / 6));
  const across = Float32Array.from({ length: width }, (_, x) =>
    Math.exp(-(((x - middleX) / (0.42 * width)) ** 2)),
  );
  return {
    paint(y, row) {
      const down = smoothstep(0, 1, y / Math.max(1, height - 1));
      const high = glows * Math.exp(-(((y - 0.32 * height) / (0.34 * height)) ** 2));
      for (let x = 0, at = 0; x < width; x++) {
        const lit = high * across[x];
        // Mixed as the eye sees them: in linear light the middle of a gradient would be too bright.
        for (let c = 0; c < 3; c++, at++) {
          row[at] = linear(lerp(lerp(top[c], second[c], down), glow[c], lit));
        }
      }
    },
  };
}

function levelsOf(color: string): number[] {
  return parseColor(color, 'every colour');
}

const STEPS = 4096;
const CURVE = Float32Array.from({ length: STEPS + 2 }, (_, step) => toLinear(Math.min(1, step / STEPS)));

/** Linear light of an sRGB level that may lie between two. */
function linear(level: number): number {
  const place = (level / 255) * STEPS;
  const step = place | 0;
  return CURVE[step] + (CURVE[step + 1] - CURVE[step]) * (place - step);
}
