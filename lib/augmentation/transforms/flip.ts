import { choice, defineTransform } from '../fields';

/** Exchanges left and right, or top and bottom. */
export const flip = defineTransform(
  { axis: choice(['horizontal', 'vertical'], 'horizontal') },
  {
    danger: 'Mirrors the text on the pack.',
    effects: ({ axis }, { width, height }) => [
      {
        kind: 'geometry',
        matrix:
          axis === 'horizontal'
            ? [-1, 0, width - 1, 0, 1, 0, 0, 0, 1]
            : [1, 0, 0, 0, -1, height - 1, 0, 0, 1],
      },
    ],
  },
);
