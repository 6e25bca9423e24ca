import { z } from 'zod/v4';
import { tableOf } from '../tables';
import type { Transform } from '../types';

const asked = z.strictObject({ deviation: z.number().min(0).max(1).default(0.05) });
const drawn = z.strictObject({ low: z.number().min(0).max(1), high: z.number().min(0).max(1) });

/** A Bezier curve from black to white whose inner points lie about 1/4 and 3/4, with a standard deviation. */
export const toneCurve: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  draw({ deviation }, random) {
    const near = (mean: number) =>
      Math.max(0, Math.min(1, Number(random.normal(mean, deviation).toPrecision(6))));
    return { low: near(0.25), high: near(0.75) };
  },
  effects: ({ low, high }) => [
    tableOf((level) => {
      const t = level / 255;
      return Math.round(255 * (3 * (1 - t) ** 2 * t * low + 3 * (1 - t) * t ** 2 * high + t ** 3));
    }),
  ],
};
