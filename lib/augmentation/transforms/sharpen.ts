import { convolution, tapsOf } from '../convolution';
import { defineTransform, uniform } from '../fields';

/** Each pixel less its eight neighbours, mixed with the picture by `amount`; `lightness` is added in the middle. */
export const sharpen = defineTransform(
  { amount: uniform(0, 1, [0.05, 0.2]), lightness: uniform(0, 2, [1, 1]) },
  {
    effects: ({ amount, lightness }) => {
      const middle = 1 - amount + amount * (8 + lightness);
      return convolution(tapsOf(Array.from({ length: 9 }, (_, at) => (at === 4 ? middle : -amount))));
    },
  },
);
