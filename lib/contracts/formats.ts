/** The formats we write, with the file ending and media type of each. */
export const FORMATS = {
  png: { extension: 'png', mimeType: 'image/png' },
  webp: { extension: 'webp', mimeType: 'image/webp' },
  jpeg: { extension: 'jpg', mimeType: 'image/jpeg' },
} as const;

export const OUTPUT_FORMATS = ['png', 'webp', 'jpeg'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
