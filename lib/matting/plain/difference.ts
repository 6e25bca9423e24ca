import { sharedArena } from '../../kernels';

/** How the picture departs from its predicted backdrop, per work pixel. */
export interface Difference {
  /** Lab distance to the backdrop. */
  total: Float32Array;
  /**
   * Lab distance that no shadow explains: the change of hue and saturation against the backdrop dimmed (or lit)
   * to the pixel's lightness, plus any gain in lightness.
   */
  unshaded: Float32Array;
  /** Lightness relative to the backdrop's, about 0..1.5. */
  shade: Float32Array;
}

/**
 * @param lab the picture, interleaved
 * @param backdrop its predicted backdrop, interleaved
 */
export function measureDifference(lab: Float32Array, backdrop: Float32Array): Difference {
  const count = lab.length / 3;
  const arena = sharedArena();
  return arena.scope(() => {
    const [own, ground] = [arena.put(lab), arena.put(backdrop)];
    const planes = [0, 1, 2].map(() => arena.take(count * 4));
    arena.kernels.measureDifference(own, ground, count, ...planes);
    const [total, unshaded, shade] = planes.map((at) => arena.floats(at, count).slice());
    return { total, unshaded, shade };
  });
}
