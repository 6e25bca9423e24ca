/** Interleaved 8-bit sRGB pixels, row-major without padding: `data.length === width * height * 3`. */
export interface RgbImage {
  data: Uint8Array;
  /** Pixels, at least 1. */
  width: number;
  /** Pixels, at least 1. */
  height: number;
}

/** One 8-bit channel, row-major without padding: 0 is background, 255 is product. */
export interface Alpha {
  data: Uint8Array;
  width: number;
  height: number;
}

/** `[x, y, width, height]` in pixels, origin at the top left. */
export type BoundingBox = [number, number, number, number];
