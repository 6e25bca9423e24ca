import { type IncomingMessage, STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ErrorBody } from '../../contracts';
import { watchForStalls } from './stalls';

type Problem = ErrorBody & { status: number };

/** Milliseconds that a caller may neither send nor take anything. */
const IDLE_MS = 30_000;

const LATE: Problem = {
  status: 408,
  code: 'REQUEST_TIMEOUT',
  message: 'The request was not whole in time',
  hint: 'Send it again over a faster line, or send a smaller picture.',
};

/** What the HTTP parser says of a request that it could not read, by its code. */
const PROBLEMS: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'TOO_LARGE',
    message: 'The headers of the request are too long',
    hint: 'Send parameters as form fields or JSON, and no cookies.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: LATE,
};

const UNREADABLE: Problem = {
  status: 400,
  code: 'INVALID_PARAMETER',
  message: 'This cannot be read as an HTTP request',
  hint: 'Speak HTTP/1.1 to this port, without TLS; see /docs for the routes.',
};

const EXPECTATION: Problem = {
  status: 417,
  code: 'INVALID_PARAMETER',
  message: 'The only expectation that this engine meets is 100-continue',
  hint: 'Leave the header Expect out.',
};

const TUNNEL: Problem = {
  status: 405,
  code: 'INVALID_PARAMETER',
  message: 'This engine is no proxy',
  hint: 'Speak HTTP/1.1 to this port; see /docs for the routes.',
};

/** Answers what never became a request, in the shape of every other error. Its bytes may hold keys: only the code is logged. */
export function answerBrokenRequest({ code = '' }: NodeJS.ErrnoException, socket: Duplex, log: Logger): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  log.debug({ code }, 'A request could not be read');
  answerRaw(PROBLEMS[code] ?? UNREADABLE, socket);
}

/** Answers what Node's server would leave without an answer, or answer in another shape. */
export function answerOddRequests(server: Server): void {
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
    answerRaw(EXPECTATION, response.socket!);
  });
  server.on('connect', (_request, socket: Duplex) => answerRaw(TUNNEL, socket));
}

/** Ends a request whose caller neither sends the rest of it nor takes its answer. */
export function endWhenStalled(request: IncomingMessage, response: ServerResponse, idleMs = IDLE_MS): void {
  watchForStalls(request, response, idleMs, () => {
    if (response.headersSent) request.socket.destroy();
    else answerRaw(LATE, request.socket);
  });
}

function answerRaw({ status, ...error }: Problem, socket: Duplex): void {
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
