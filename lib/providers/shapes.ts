/** Steps of proportions, on a scale of logarithms: those that differ by less than 2 % or so are alike. */
const STEPS = 40;

/** Width and height of `16:9` or `1280:720`. */
export function sidesOf(shape: string): { width: number; height: number } {
  const [width, height] = shape.split(':').map(Number);
  return { width, height };
}

/**
 * The shape, such as `16:9` or `1280:720`, whose proportions come nearest to a frame's; of several alike the smallest
 * one that covers the frame, or else the largest.
 */
export function nearestShape(frame: { width: number; height: number }, shapes: readonly string[]): string {
  const wanted = Math.log(frame.width / frame.height);
  const rated = shapes.map((shape) => {
    const { width, height } = sidesOf(shape);
    const off = Math.round(Math.abs(Math.log(width / height) - wanted) * STEPS);
    return { shape, off, width, covers: width >= frame.width && height >= frame.height };
  });
  const least = Math.min(...rated.map(({ off }) => off));
  const near = rated.filter(({ off }) => off === least).sort((a, b) => a.width - b.width);
  return (near.find(({ covers }) => covers) ?? near[near.length - 1]).shape;
}
