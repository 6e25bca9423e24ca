import { type GeminiAccess, type PictureSettings, askForPicture } from './ask';

/** An encoded picture in memory. */
export interface Picture {
  data: Buffer;
  /** Such as `image/jpeg`. */
  mimeType: string;
  /** Pixels of the longer side. */
  longerSide: number;
}

export interface EditOptions extends GeminiAccess {
  /** Id of a model that answers with pictures. */
  model: string;
  /** What is to be done to the picture. */
  prompt: string;
}

/**
 * Lets Gemini change a picture as a prompt says.
 * @param picture JPEG, PNG or WebP of less than 14 MB: a request may have 20 MB, and base64 adds a third
 * @returns the encoded picture of the answer, not yet looked at
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED; what the signal was aborted
 *   with. No message holds the key.
 */
export async function editPicture(picture: Picture, options: EditOptions): Promise<Buffer> {
  const { model, prompt, ...access } = options;
  const parts = [
    { text: prompt },
    { inlineData: { mimeType: picture.mimeType, data: picture.data.toString('base64') } },
  ];
  const settings = { imageSize: imageSize(picture.longerSide) };
  return (await askForPicture(access, model, parts, settings)).picture;
}

/** The least of Gemini's sizes that loses nothing of the picture. */
export function imageSize(longerSide: number): PictureSettings['imageSize'] {
  return longerSide <= 1024 ? '1K' : longerSide <= 2048 ? '2K' : '4K';
}
