import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { VitrineError } from '../../contracts';
import { type FileRequest, fetchFile } from '../fetch-file';
import type { AnswerHead, ServiceFailure } from '../types';
import type { DriveFile } from './link';
import { confirmedAddress, failed, gone, isQuota, notShared, quotaExceeded } from './page';

export { driveFileOf, type DriveFile } from './link';

/** Where Google Drive gives files out. */
export const DRIVE_URL = 'https://drive.google.com';
/** That are read of a page; those of Drive have a few thousand. */
const MAX_PAGE_BYTES = 1_000_000;
/** Where a page's form may lead. */
const GOOGLE = /(^|\.)(google|googleusercontent)\.com$/;

/** What of a download is the caller's to say. */
export type DriveRequest = Omit<FileRequest, 'url' | 'onHead'> & {
  /** Default: `DRIVE_URL`; another one for tests. */
  driveUrl?: string;
};

/**
 * Downloads a file that is shared with everybody, by way of the page that asks to confirm large ones.
 * @param explain makes the error of failures that are not Drive's own
 * @returns the head of the answer with the file
 * @throws VitrineError QUOTA_EXCEEDED, which is not tried again; FETCH_FAILED where it is not shared or gone; what `explain` makes
 */
export async function downloadFromDrive(
  { id, resourceKey }: DriveFile,
  { driveUrl = DRIVE_URL, ...request }: DriveRequest,
  explain: (failure: ServiceFailure) => VitrineError,
): Promise<AnswerHead> {
  const first = new URL('/uc', driveUrl);
  first.search = new URLSearchParams({
    export: 'download',
    id,
    ...(resourceKey && { resourcekey: resourceKey }),
  }).toString();
  const head = await fetchPage(first.href, request, explain);
  if (!isPage(head)) return head;
  const confirmed = await readPage(request.file, head.url);
  const { hostname } = new URL(confirmed);
  if (!GOOGLE.test(hostname) && hostname !== first.hostname) throw failed(`its page leads to ${hostname}`);
  const answer = await fetchPage(confirmed, request, explain);
  if (!isPage(answer)) return answer;
  await readPage(request.file, answer.url);
  throw failed('it asks to confirm the download again and again');
}

function fetchPage(
  url: string,
  request: Omit<FileRequest, 'url' | 'onHead'>,
  explain: (failure: ServiceFailure) => VitrineError,
): Promise<AnswerHead> {
  let page = false;
  const onHead = (head: AnswerHead) => {
    page = isPage(head);
    // Nobody who is signed in nowhere gets further than this.
    if (new URL(head.url).hostname === 'accounts.google.com') throw notShared();
  };
  const onProgress: FileRequest['onProgress'] = (received, total) => {
    if (!page) request.onProgress?.(received, total);
  };
  return fetchFile({ ...request, url, onHead, onProgress }, (failure) => {
    if (failure.kind !== 'refused') return explain(failure);
    if (isQuota(failure.page ?? '')) return quotaExceeded();
    if (failure.status === 404) return gone();
    return [401, 403].includes(failure.status) ? notShared() : explain(failure);
  });
}

function isPage({ headers }: AnswerHead): boolean {
  return /^text\/html\b/i.test(headers['content-type'] ?? '');
}

/** What a page that came in place of the file leads to. */
async function readPage(file: string, url: string): Promise<string> {
  const html = await text(createReadStream(file, { end: MAX_PAGE_BYTES - 1 }));
  await rm(file);
  return confirmedAddress(html, url);
}
