/** How the numbers of a frame become colours; where a file says nothing, what is usual for its size. */
export interface ColourTags {
  /** Of luma and chroma: 601 for SD, 709 for HD, 2020 for HDR. */
  matrix: 'bt601' | 'bt709' | 'bt2020';
  /** 0..255 rather than 16..235. */
  fullRange: boolean;
  /** Of light; `sdr` is taken as sRGB, as players do. */
  transfer: 'sdr' | 'pq' | 'hlg';
}

/** What the bytes of a decoded frame are, one plane behind the other without padding: Y, U, V. */
export interface PlaneLayout {
  width: number;
  height: number;
  /** Samples of chroma: a quarter, half of the columns, or all. */
  chroma: '420' | '422' | '444';
  /** Bits of a sample; above 8, samples are two bytes, the lower one first. */
  depth: number;
}

/** A frame as it was decoded: everything that its colours are made of. */
export interface PlanarImage extends PlaneLayout {
  /** As many as `byteCount` says. */
  bytes: Uint8Array;
  tags: ColourTags;
}

/** Lines of fewer pixels than these are SD. */
const HD_WIDTH = 1280;
const HD_HEIGHT = 720;

/** The matrix of a video whose file names none. */
export function usualMatrix(width: number, height: number, isHdr: boolean): ColourTags['matrix'] {
  if (isHdr) return 'bt2020';
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  return long >= HD_WIDTH || short >= HD_HEIGHT ? 'bt709' : 'bt601';
}

/** Samples of one row and column of chroma. */
export function chromaSize({ width, height, chroma }: PlaneLayout): { width: number; height: number } {
  return {
    width: chroma === '444' ? width : (width + 1) >> 1,
    height: chroma === '420' ? (height + 1) >> 1 : height,
  };
}

/** Samples of all planes of a frame. */
export function sampleCount(layout: PlaneLayout): number {
  const small = chromaSize(layout);
  const luma = layout.width * layout.height;
  return luma + 2 * small.width * small.height;
}

/** Bytes of all planes of a frame. */
export function byteCount(layout: PlaneLayout): number {
  return sampleCount(layout) * (layout.depth > 8 ? 2 : 1);
}

export type Samples = Uint8Array | Uint16Array;

/** The bytes as samples, copied only where they do not lie on an even address. */
export function samplesOf(bytes: Uint8Array, { depth }: PlaneLayout): Samples {
  if (depth <= 8) return bytes;
  const even = bytes.byteOffset % 2 ? bytes.slice() : bytes;
  return new Uint16Array(even.buffer, even.byteOffset, even.byteLength >> 1);
}

/** Samples as bytes, a copy of them. */
export function toBytes(samples: Samples, depth: number): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  const shift = depth - 8;
  for (let at = 0; at < bytes.length; at++) bytes[at] = samples[at] >> shift;
  return bytes;
}

/** True for a matte that hides nothing. */
export function isOpaque(matte: Uint8Array): boolean {
  let at = 0;
  while (at < matte.length && matte[at] === 255) at++;
  return at === matte.length;
}
