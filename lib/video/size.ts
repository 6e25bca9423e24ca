/**
 * The size of a frame whose pixels are made square: stretched, never squeezed.
 * @param aspect width by height of a pixel
 */
export function squareSize(width: number, height: number, aspect: number): { width: number; height: number } {
  return aspect >= 1
    ? { width: Math.round(width * aspect), height }
    : { width, height: Math.round(height / aspect) };
}
