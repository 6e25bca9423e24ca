/** Longest line across the outline, in photo pixels. */
const MAX_SAMPLES = 129;

/** Behind the edge, less than this share of the product's own distance is a gap. */
const GAP = 0.35;

/**
 * Reads alpha off the profile of colour distances across an outline. A product is seldom of one colour up to
 * its edge, so a pixel is compared with the product's colour right behind the edge, not with a mean further in.
 */
export class EdgeProfile {
  private readonly distance = new Float32Array(MAX_SAMPLES);

  /** @param reach photo pixels that the edge is searched inwards and outwards of a pixel, at most 64 */
  constructor(
    private readonly rgb: Uint8Array,
    private readonly width: number,
    private readonly height: number,
    private readonly reach: number,
    private readonly noise: number,
  ) {
    this.reach = Math.min(reach, (MAX_SAMPLES - 1) >> 1);
  }

  /**
   * @param inwardX and `inwardY`: unit vector towards the product
   * @param red `green` and `blue` of the backdrop nearby
   * @returns 0..1, or -1 when there is no edge to be found
   */
  alphaAt(
    x: number,
    y: number,
    inwardX: number,
    inwardY: number,
    red: number,
    green: number,
    blue: number,
  ): number {
    const { distance: d, reach, rgb, width, height } = this;
    const last = 2 * reach;
    for (let i = 0; i <= last; i++) {
      const sx = Math.min(width - 1, Math.max(0, x + (i - reach) * inwardX));
      const sy = Math.min(height - 1, Math.max(0, y + (i - reach) * inwardY));
      // Rounded, several times faster than by Math.round.
      const at = (((sy + 0.5) | 0) * width + ((sx + 0.5) | 0)) * 3;
      const dr = rgb[at] - red;
      const dg = rgb[at + 1] - green;
      const db = rgb[at + 2] - blue;
      d[i] = Math.sqrt(dr * dr + dg * dg + db * db);
    }
    let steepest = 0;
    for (let i = 1; i < last; i++) steepest = Math.max(steepest, d[i + 1] - d[i - 1]);
    const least = 10 + 4 * this.noise;
    if (steepest < least) return -1;
    const enough = Math.max(least, Math.min(0.35 * steepest, 30));
    // The outermost rise that is steep enough, and its crest.
    let edge = 1;
    while (d[edge + 1] - d[edge - 1] < enough) edge++;
    while (edge + 1 < last && d[edge + 2] - d[edge] > d[edge + 1] - d[edge - 1]) edge++;
    const slope = (d[edge + 1] - d[edge - 1]) / 2;
    // Behind it the product's own shading goes on, if less steeply.
    let behind = edge + 1;
    while (behind < last && d[behind + 1] - d[behind] > 0.35 * slope) behind++;
    if (reach >= behind) {
      // Between hairs the backdrop shows again.
      let most = 0;
      for (let i = behind; i <= last; i++) most = Math.max(most, d[i]);
      return Math.min(1, d[reach] / (GAP * most));
    }
    const ahead = Math.min(last, behind + 3);
    const shading = Math.min(0.35 * slope, Math.max(0, (d[ahead] - d[behind]) / Math.max(1, ahead - behind)));
    const floor = Math.min(2 * this.noise + 2, 0.2 * d[behind]);
    const product = Math.max(0.5 * d[behind], d[behind] - shading * (behind - reach));
    return Math.min(1, Math.max(0, (d[reach] - floor) / (product - floor)));
  }
}
