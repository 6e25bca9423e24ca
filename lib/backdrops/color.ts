import type { Backdrop, Stage } from './types';
import { lightOf } from './light';

/** One colour, exactly. */
export function drawColor({ look }: Stage): Backdrop {
  const [red, green, blue] = lightOf(look.colors[0]);
  return {
    paint(_, row) {
      for (let at = 0; at < row.length; at += 3) {
        row[at] = red;
        row[at + 1] = green;
        row[at + 2] = blue;
      }
    },
  };
}
