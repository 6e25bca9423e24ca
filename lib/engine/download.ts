import { basename, join } from 'node:path';
import { type Config, VitrineError, invalid, isWebAddress, tooManyBytes, withoutQuery } from '../contracts';
import {
  type AnswerHead,
  DRIVE_URL,
  type ServiceFailure,
  callService,
  downloadFromDrive,
  driveFileOf,
  fetchFile,
} from '../providers';

const TIMEOUT_SECONDS = 60;
/** For each attempt at a video, which goes on where the last one broke off. */
const VIDEO_SECONDS = 600;
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

/**
 * Downloads a video that a caller named: by its address, or by a share link of Google Drive in any form. As `download`,
 * and goes on where it was when the connection breaks.
 * @param onProgress bytes that are there, and how many there will be where the server tells
 * @param driveUrl where Google Drive gives files out; another one for tests
 * @returns the file's path in `folder`
 * @throws VitrineError INVALID_PARAMETER, ADDRESS_BLOCKED, FETCH_FAILED, QUOTA_EXCEEDED, TOO_LARGE
 */
export async function downloadVideo(
  url: string,
  folder: string,
  config: Config,
  signal: AbortSignal,
  onProgress?: (received: number, total?: number) => void,
  driveUrl = DRIVE_URL,
): Promise<{ file: string; fileName: string }> {
  checkAddress('video_url', url, 'video');
  const file = join(folder, 'video');
  const { allowHosts, videoLimits } = config;
  const request = {
    ...{ file, allowHosts, signal, onProgress },
    maxBytes: videoLimits.maxBytes,
    maxRedirects: MAX_REDIRECTS,
    timeoutSeconds: VIDEO_SECONDS,
  };
  const explained = (failure: ServiceFailure) => explain(failure, withoutQuery(url), 'video');
  const onDrive = driveFileOf(url);
  const head = onDrive
    ? await downloadFromDrive(onDrive, { ...request, driveUrl }, explained)
    : await fetchFile({ ...request, url, onHead: refusePages }, explained);
  return { file, fileName: nameOf(head) };
}

/** Links to players and share pages are no videos. */
function refusePages({ headers, url }: AnswerHead): void {
  if (!/^(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')) return;
  throw new VitrineError({
    code: 'FETCH_FAILED',
    message: `Could not download ${withoutQuery(url)}: it is a web page, not a video`,
    hint: 'Give the address of the video file itself: one that a browser, signed in nowhere, downloads or plays without a page around it.',
  });
}

/** The name that the server gives a file, or that its address ends with. */
function nameOf({ headers, url }: AnswerHead): string {
  const disposition = headers['content-disposition'] ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1];
  return decodeURIComponentSafe(encoded ?? plain ?? basename(new URL(url).pathname));
}

/**
 * @param what it is the address of
 * @throws VitrineError INVALID_PARAMETER naming the field that holds no address
 */
export function checkAddress(field: string, url: string, what: 'picture' | 'video' = 'picture'): void {
  if (isWebAddress(url)) return;
  const hint = `Give the full address of the ${what}, beginning with https://.`;
  throw invalid(field, 'an http or https address', url, hint);
}

function explain(
  failure: ServiceFailure,
  place: string,
  what: 'picture' | 'video' = 'picture',
): VitrineError {
  if (failure.kind === 'large') return tooManyBytes(what, failure.maxBytes);
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
    hint: `Open the address in a browser without being signed in; it must show the ${what} itself.`,
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
