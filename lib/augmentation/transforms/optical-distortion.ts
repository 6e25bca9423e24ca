import { choice, defineTransform, uniform } from '../fields';

/**
 * A lens that bends straight lines. `camera` (Brown's model with k1 = k2 = strength, one focal length a side) or
 * `fisheye` (the distance r from the centre, 1 in the corners, becomes r (1 + strength r^2)).
 */
export const opticalDistortion = defineTransform(
  { strength: uniform(-1, 1, [-0.05, 0.05]), lens: choice(['camera', 'fisheye'], 'camera') },
  {
    effects: ({ strength, lens }, { width, height }) => {
      const [x, y] = [width / 2, height / 2];
      const radius = Math.hypot(x, y);
      const camera = [(width - 1) / 2, (height - 1) / 2, x, y, width, height, strength, strength];
      const fisheye = [x, y, x, y, radius, radius, strength, 0];
      const parameters = lens === 'camera' ? camera : fisheye;
      return [
        {
          kind: 'geometry',
          prepare:
            ({ arena }) =>
            (u, v, count) =>
              arena.kernels.bend(u, v, count, ...parameters),
        },
      ];
    },
  },
);
