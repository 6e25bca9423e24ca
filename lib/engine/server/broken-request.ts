import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ErrorBody } from '../../contracts';

/** What the HTTP parser says of a request that it could not read, by its code. */
const PROBLEMS: Record<string, ErrorBody & { status: number }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'TOO_LARGE',
    message: 'The headers of the request are too long',
    hint: 'Send parameters as form fields or JSON, and no cookies.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'DEADLINE_EXCEEDED',
    message: 'The request was not whole in time',
    hint: 'Send it again over a faster line, or send a smaller picture.',
  },
};

const UNREADABLE: ErrorBody & { status: number } = {
  status: 400,
  code: 'INVALID_PARAMETER',
  message: 'This cannot be read as an HTTP request',
  hint: 'Speak HTTP/1.1 to this port, without TLS; see /docs for the routes.',
};

/** Answers what never became a request, in the shape of every other error. Its bytes may hold keys: only the code is logged. */
export function answerBrokenRequest({ code = '' }: NodeJS.ErrnoException, socket: Socket, log: Logger): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  log.debug({ code }, 'A request could not be read');
  const { status, ...error } = PROBLEMS[code] ?? UNREADABLE;
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
