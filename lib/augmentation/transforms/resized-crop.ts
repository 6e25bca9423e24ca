import { z } from 'zod/v4';
import { rangeOf } from '../fields';
import type { Transform } from '../types';

const TRIES = 10;

const asked = z.strictObject({
  /** Shares of the picture's area. */
  area: rangeOf(z.number().min(0.01).max(1), [0.8, 1], 'a number'),
  /** Width over height. */
  ratio: rangeOf(z.number().min(0.1).max(10), [0.9, 1.11], 'a number'),
});
const pixels = z.int().min(0);
const drawn = z.strictObject({ x: pixels, y: pixels, width: pixels.min(1), height: pixels.min(1) });

/** A part of the picture fills the frame. */
export const resizedCrop: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  danger: 'Cuts parts of the product off.',
  draw({ area, ratio }, random, size) {
    for (let tries = 0; tries < TRIES; tries++) {
      const pixels = random.uniform(...area) * size.width * size.height;
      const shape = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
      const width = Math.round(Math.sqrt(pixels * shape));
      const height = Math.round(Math.sqrt(pixels / shape));
      if (width < 1 || height < 1 || width > size.width || height > size.height) continue;
      const x = Math.floor(random.uniform(0, size.width - width + 1));
      const y = Math.floor(random.uniform(0, size.height - height + 1));
      return { x, y, width, height };
    }
    const shape = Math.max(ratio[0], Math.min(ratio[1], size.width / size.height));
    const width = Math.min(size.width, Math.round(size.height * shape));
    const height = Math.min(size.height, Math.round(size.width / shape));
    return { x: (size.width - width) >> 1, y: (size.height - height) >> 1, width, height };
  },
  effects({ x, y, width, height }, size) {
    const [across, down] = [width / size.width, height / size.height];
    return [
      {
        kind: 'geometry',
        matrix: [across, 0, x + across / 2 - 0.5, 0, down, y + down / 2 - 0.5, 0, 0, 1],
      },
    ];
  },
};
