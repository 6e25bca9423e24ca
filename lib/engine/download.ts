import { basename, join } from 'node:path';
import { type Config, VitrineError, invalid, isWebAddress, withoutQuery } from '../contracts';
import { type ServiceFailure, callService } from '../providers';

const TIMEOUT_SECONDS = 60;
const MAX_REDIRECTS = 5;

/**
 * Downloads a picture that a caller named. Public addresses only, redirects included, unless
 * `VITRINE_ALLOW_HOSTS` opens them; never more bytes than a picture may have.
 * @returns the file's path in `folder`
 * @throws VitrineError INVALID_PARAMETER, ADDRESS_BLOCKED, FETCH_FAILED, TOO_LARGE
 */
export async function download(
  url: string,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<{ file: string; fileName: string }> {
  checkAddress('url', url);
  const file = join(folder, 'input');
  await callService(
    {
      url,
      headers: { Accept: 'image/*,*/*;q=0.5' },
      allowHosts: config.allowHosts,
      maxRedirects: MAX_REDIRECTS,
      timeoutSeconds: TIMEOUT_SECONDS,
      attempts: 1,
      maxBytes: config.limits.maxBytes,
      file,
      signal,
    },
    (failure) => explain(failure, withoutQuery(url)),
  );
  return { file, fileName: decodeURIComponentSafe(basename(new URL(url).pathname)) };
}

/** @throws VitrineError INVALID_PARAMETER naming the field that holds no address */
export function checkAddress(field: string, url: string): void {
  if (isWebAddress(url)) return;
  const hint = 'Give the full address of the picture, beginning with https://.';
  throw invalid(field, 'an http or https address', url, hint);
}

/** @param maxBytes the limit that was passed */
export function tooLarge(maxBytes: number): VitrineError {
  return new VitrineError({
    code: 'TOO_LARGE',
    message: `The picture has more than ${Math.floor(maxBytes / 1024 / 1024)} MB`,
    hint: 'Send a smaller file, or raise VITRINE_MAX_IMAGE_MB.',
  });
}

function explain(failure: ServiceFailure, place: string): VitrineError {
  if (failure.kind === 'large') return tooLarge(failure.maxBytes);
  if (failure.kind === 'blocked') {
    return new VitrineError({
      code: 'ADDRESS_BLOCKED',
      message: `${place} is not a public address`,
      hint: 'Add its host or network to VITRINE_ALLOW_HOSTS if the engine may download from there.',
    });
  }
  return new VitrineError({
    code: 'FETCH_FAILED',
    message: `Could not download ${place}: ${reasonOf(failure)}`,
    hint: 'Open the address in a browser without being signed in; it must show the picture itself.',
  });
}

function reasonOf(failure: Exclude<ServiceFailure, { kind: 'large' | 'blocked' }>): string {
  if (failure.kind === 'broken') return failure.reason;
  if (failure.kind === 'late') return `it was not whole within ${failure.seconds} s`;
  return `it answered ${failure.status}`;
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
