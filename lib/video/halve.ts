import { sharedArena } from '../kernels';
import type { PlaneLayout } from './planes';

/**
 * A frame of 4:2:0 and 8 bits at half of its size each way: means of four samples of luma, and chroma as it is, which
 * then has a sample for each of them (4:4:4, off by a quarter of a pixel where it is sited left).
 * @param bytes of `byteCount(layout)`; width and height are even
 */
export function halve(
  bytes: Uint8Array,
  { width, height }: PlaneLayout,
): { bytes: Uint8Array; layout: PlaneLayout } {
  const layout: PlaneLayout = { width: width >> 1, height: height >> 1, chroma: '444', depth: 8 };
  const pixels = layout.width * layout.height;
  const arena = sharedArena();
  return arena.scope(() => {
    const [luma, out] = [arena.put(bytes.subarray(0, 4 * pixels)), arena.take(pixels)];
    arena.kernels.halve(luma, width, height, out);
    const halved = new Uint8Array(3 * pixels);
    halved.set(arena.bytes(out, pixels));
    halved.set(bytes.subarray(4 * pixels), pixels);
    return { bytes: halved, layout };
  });
}

/** True where `halve` can be called, and gives no fewer pixels than `size` has. */
export function canHalve(
  { width, height, chroma, depth }: PlaneLayout,
  size: { width: number; height: number },
): boolean {
  const isEven = width % 2 === 0 && height % 2 === 0;
  return isEven && chroma === '420' && depth === 8 && width >= 2 * size.width && height >= 2 * size.height;
}
