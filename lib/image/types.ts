import type { Alpha, ImageLimits, RgbImage } from '../contracts';

/**
 * What a photo carried besides its pixels, as it was, kept aside so that `encodeImage` can put it back when asked to.
 * The profile is left out on purpose: pixels are sRGB by then.
 */
export interface ImageMetadata {
  /** TIFF-structured EXIF block without the `Exif\0\0` prefix. */
  exif?: Buffer;
  /** XMP packet, UTF-8. */
  xmp?: string;
  /** Pixels per inch. */
  density?: number;
}

/** An upright 8-bit sRGB picture. */
export interface DecodedImage {
  rgb: RgbImage;
  /** Only when some pixel of the file is not opaque. */
  alpha?: Alpha;
  /** As found in the file's own bytes, whatever its name says: jpeg, png, webp, gif, tiff, avif, heic, svg, bmp. */
  format: string;
  metadata: ImageMetadata;
}

export interface DecodeOptions {
  /** Checked before any pixel is decoded. */
  limits: ImageLimits;
  signal?: AbortSignal;
}
