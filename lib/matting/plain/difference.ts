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

/** Chroma of a backdrop at which half of a change of saturation is put down to bounced light. */
const HALF_COLOURED = 20;

/**
 * @param lab the picture, interleaved
 * @param backdrop its predicted backdrop, interleaved
 */
export function measureDifference(lab: Float32Array, backdrop: Float32Array): Difference {
  const count = lab.length / 3;
  const total = new Float32Array(count);
  const unshaded = new Float32Array(count);
  const shade = new Float32Array(count);
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    const dL = lab[at] - backdrop[at];
    const da = lab[at + 1] - backdrop[at + 1];
    const db = lab[at + 2] - backdrop[at + 2];
    total[i] = Math.sqrt(dL * dL + da * da + db * db);
    // Less light scales X, Y and Z alike, so a and b shrink with L + 16 (CIE 1976, above its linear part).
    const dimming = (lab[at] + 16) / (backdrop[at] + 16);
    const ba = backdrop[at + 1];
    const bb = backdrop[at + 2];
    const ca = lab[at + 1] - ba * dimming;
    const cb = lab[at + 2] - bb * dimming;
    const lit = dL > 0 ? dL : 0;
    // On a coloured backdrop light bounces, so that shadows keep the hue but not always the saturation.
    const chroma = ba * ba + bb * bb;
    const along = chroma > 1 ? (ca * ba + cb * bb) ** 2 / chroma : 0;
    const excused = (along * chroma) / (chroma + HALF_COLOURED * HALF_COLOURED);
    unshaded[i] = Math.sqrt(ca * ca + cb * cb - 0.9 * excused + lit * lit);
    shade[i] = dimming;
  }
  return { total, unshaded, shade };
}
