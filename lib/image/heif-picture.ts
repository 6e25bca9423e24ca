import type { BoundingBox } from '../contracts';

/** One separately coded picture inside a HEIF file. */
export interface CodedItem {
  /** `hvc1`, `av01`, `jpeg`, ... */
  type: string;
  /** Content of the decoder configuration (`hvcC`). */
  config?: Buffer;
  data: Buffer;
}

/** A picture made of one coded item or of a grid of equal ones, row by row. */
export interface HeifPlane {
  /** Pixels of the whole plane, before `transforms`. */
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  columns: number;
  rows: number;
  tiles: CodedItem[];
}

export type HeifTransform = { rotate: 0 | 90 | 180 | 270 } | { mirror: 'leftRight' | 'topBottom' };

/** ITU-T H.273 code points. */
export interface Nclx {
  primaries: number;
  matrix: number;
  fullRange: boolean;
}

export interface HeifPicture extends HeifPlane {
  /** Rotations counterclockwise in degrees, mirrorings; to be applied in this order. */
  transforms: HeifTransform[];
  alpha?: HeifPlane;
  /** The part to show, before `transforms`. */
  crop?: BoundingBox;
  icc?: Buffer;
  nclx?: Nclx;
  /** EXIF block that starts with its TIFF header. */
  exif?: Buffer;
  xmp?: Buffer;
}
