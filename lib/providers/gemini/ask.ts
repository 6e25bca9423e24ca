import { geminiPictureModels } from '../../contracts';
import { parseJson } from '../answer';
import { denied } from '../errors';
import { callService, mayPass } from '../http';
import type { ServiceFailure, ServiceRequest } from '../types';
import { readPicture } from './answer';
import { explain, geminiAt, hasNoQuota, retryInfo } from './errors';

/** Seconds that one request may take; the largest pictures take about one minute. */
const TIMEOUT_SECONDS = 180;
/** Seconds for a list. */
const LIST_SECONDS = 30;
const ATTEMPTS = 4;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** How Gemini is reached. */
export interface GeminiAccess {
  /** Sent in a header to `url`, and to nobody else. */
  key: string;
  /** Where the API answers, without a slash at the end. */
  url: string;
  /** Hosts and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  signal: AbortSignal;
}

/** What a picture may be asked with; a model that does not know one of them is asked without it. */
export interface PictureSettings {
  imageSize?: '1K' | '2K' | '4K';
  aspectRatio?: string;
  seed?: number;
}

export interface PictureAnswer {
  picture: Buffer;
  /** What the model refused, and was asked without. */
  refused: (keyof PictureSettings)[];
}

/** How a refusal names them. */
const NAMES: Record<keyof PictureSettings, RegExp> = {
  imageSize: /image_?\s?size/i,
  aspectRatio: /aspect_?\s?ratio/i,
  seed: /\bseed\b/i,
};

/** Printable ASCII without blanks: anything else cannot be a header, and is no key of Google's. */
const KEY = /^[\x21-\x7e]{1,512}$/;

/**
 * Has a model answer with a picture.
 * @param parts of the one message: texts and pictures
 * @returns the encoded picture of the answer, not yet looked at
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED; what the signal was aborted
 *   with. No message holds the key.
 */
export async function askForPicture(
  access: GeminiAccess,
  model: string,
  parts: object[],
  settings: PictureSettings,
): Promise<PictureAnswer> {
  const service = geminiAt(access.url);
  const refused: PictureAnswer['refused'] = [];
  for (;;) {
    const left = Object.fromEntries(
      Object.entries(settings).filter(([name]) => !refused.includes(name as keyof PictureSettings)),
    );
    let unknown: keyof PictureSettings | undefined;
    const answer = callService(
      {
        ...contentRequest(access, model, parts, configOf(left)),
      },
      (failure) => {
        unknown = refusedSetting(failure, left);
        return explain(failure, service, model);
      },
    );
    try {
      const { body } = await answer;
      return { picture: readPicture(body, model, service), refused };
    } catch (error) {
      if (!unknown) throw error;
      refused.push(unknown);
    }
  }
}

/** One message to a model, and how it is to answer. */
export function contentRequest(access: GeminiAccess, model: string, parts: object[], config: object) {
  return {
    method: 'POST',
    url: `${access.url}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
    json: { contents: [{ role: 'user', parts }], generationConfig: config },
    ...requestOf(access),
    timeoutSeconds: TIMEOUT_SECONDS,
    maxBytes: MAX_ANSWER_BYTES,
  } satisfies ServiceRequest;
}

/**
 * The models of a key that may answer with pictures, in the order of the list.
 * @throws VitrineError as `askForPicture` does
 */
export async function pictureModels(access: GeminiAccess): Promise<string[]> {
  return geminiPictureModels(await listModels(access));
}

/**
 * The list of models of a key, whatever it says.
 * @throws VitrineError as `askForPicture` does
 */
export async function listModels(access: GeminiAccess): Promise<unknown> {
  const service = geminiAt(access.url);
  const { body } = await callService(
    {
      url: `${access.url}/v1beta/models?pageSize=1000`,
      ...requestOf(access),
      timeoutSeconds: LIST_SECONDS,
      maxBytes: MAX_ANSWER_BYTES,
    },
    (failure) => explain(failure, service, 'list'),
  );
  return parseJson(body.toString());
}

function requestOf({ key, url, allowHosts, signal }: GeminiAccess) {
  if (!KEY.test(key))
    throw denied('it has blanks, line ends or other characters that no key has', geminiAt(url));
  return {
    headers: { 'x-goog-api-key': key },
    hide: [key],
    allowHosts,
    attempts: ATTEMPTS,
    passes: (failure: ServiceFailure) => mayPass(failure) && !hasNoQuota(failure),
    retryAfterOf: retryInfo,
    signal,
  };
}

function configOf({ seed, ...image }: PictureSettings): object {
  return {
    responseModalities: ['TEXT', 'IMAGE'],
    ...(Object.keys(image).length && { imageConfig: image }),
    ...(seed !== undefined && { seed }),
  };
}

/** The setting that a model says it does not know. */
function refusedSetting(failure: ServiceFailure, left: PictureSettings): keyof PictureSettings | undefined {
  if (failure.kind !== 'refused' || failure.status !== 400 || !failure.words) return undefined;
  const { words } = failure;
  return (Object.keys(left) as (keyof PictureSettings)[]).find((name) => NAMES[name].test(words));
}
