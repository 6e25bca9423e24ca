import { denied } from '../errors';
import { callService } from '../http';
import { readPicture } from './answer';
import { explain, geminiAt, retryInfo } from './errors';

/** Seconds that one request may take; the largest pictures take about one minute. */
const TIMEOUT_SECONDS = 180;
const ATTEMPTS = 4;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** An encoded picture in memory. */
export interface Picture {
  data: Buffer;
  /** Such as `image/jpeg`. */
  mimeType: string;
  /** Pixels of the longer side. */
  longerSide: number;
}

export interface EditOptions {
  /** Sent in a header to `url`, and to nobody else. */
  key: string;
  /** Where the API answers, without a slash at the end. */
  url: string;
  /** Id of a model that answers with pictures. */
  model: string;
  /** What is to be done to the picture. */
  prompt: string;
  /** Hosts and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  signal: AbortSignal;
}

/** Printable ASCII without blanks: anything else cannot be a header, and is no key of Google's. */
const KEY = /^[\x21-\x7e]{1,512}$/;

/**
 * Lets Gemini change a picture as a prompt says.
 * @param picture JPEG, PNG or WebP of less than 14 MB: a request may have 20 MB, and base64 adds a third
 * @returns the encoded picture of the answer, not yet looked at
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED; what the signal was aborted
 *   with. No message holds the key.
 */
export async function editPicture(picture: Picture, options: EditOptions): Promise<Buffer> {
  const { key, url, model, prompt, allowHosts, signal } = options;
  const service = geminiAt(url);
  if (!KEY.test(key)) throw denied('it has blanks, line ends or other characters that no key has', service);
  const json = {
    contents: [
      {
        role: 'user',
        parts: [
          { text: prompt },
          { inlineData: { mimeType: picture.mimeType, data: picture.data.toString('base64') } },
        ],
      },
    ],
    generationConfig: {
      responseModalities: ['TEXT', 'IMAGE'],
      imageConfig: { imageSize: imageSize(picture.longerSide) },
    },
  };
  const { body } = await callService(
    {
      method: 'POST',
      url: `${url}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
      headers: { 'x-goog-api-key': key },
      json,
      hide: [key],
      allowHosts,
      timeoutSeconds: TIMEOUT_SECONDS,
      attempts: ATTEMPTS,
      maxBytes: MAX_ANSWER_BYTES,
      retryAfterOf: retryInfo,
      signal,
    },
    (failure) => explain(failure, service, model),
  );
  return readPicture(body, model, service);
}

/** The least of Gemini's sizes that loses nothing of the picture. */
function imageSize(longerSide: number): '1K' | '2K' | '4K' {
  return longerSide <= 1024 ? '1K' : longerSide <= 2048 ? '2K' : '4K';
}
