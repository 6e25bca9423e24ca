import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './web';

export type DriveReply = (response: ServerResponse, asked: DriveAsked) => void;

export interface DriveAsked {
  path: string;
  query: Record<string, string>;
  range?: string;
}

export interface Drive {
  url: string;
  /** Every request so far. */
  asked: DriveAsked[];
  /** What `/uc` and `/download` answer. */
  uc: DriveReply;
  download: DriveReply;
}

/** A server with the contract of Google Drive's downloads, and the faults that a test wants. */
export async function startDrive(uc: DriveReply, download: DriveReply = notFound): Promise<Drive> {
  const drive: Drive = { url: '', asked: [], uc, download };
  drive.url = await listen((request: IncomingMessage, response) => {
    const { pathname: path, searchParams } = new URL(request.url!, 'http://drive.test');
    const asked = { path, query: Object.fromEntries(searchParams), range: request.headers.range };
    drive.asked.push(asked);
    const reply = { '/uc': drive.uc, '/download': drive.download }[path] ?? notFound;
    reply(response, asked);
  });
  return drive;
}

export const page =
  (html: string, status = 200): DriveReply =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html><html>${html}</html>`);

export const notFound: DriveReply = page('<title>Error 404 (Not Found)!!1</title>', 404);

export const video =
  (bytes: Buffer, name = 'spin.mp4'): DriveReply =>
  (response) =>
    response
      .writeHead(200, {
        'content-type': 'video/mp4',
        'content-length': bytes.length,
        'content-disposition': `attachment; filename="${name.replace(/[^ -~]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      })
      .end(bytes);

/** The page about files that are too large to be scanned for viruses, as Drive sends it. */
export const confirmation = (action: string, fields: Record<string, string>): DriveReply =>
  page(
    `<head><title>Google Drive - Virus scan warning</title></head><body><p class="uc-warning-caption">Google Drive can't scan this file for viruses.</p>` +
      `<form id="download-form" action="${action}" method="get"><input type="submit" id="uc-download-link" value="Download anyway"/>` +
      Object.entries(fields)
        .map(
          ([name, value]) => `<input type="hidden" name="${name}" value="${value.replace(/&/g, '&amp;')}">`,
        )
        .join('') +
      '</form></body>',
  );
