import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Progress, VitrineError, cancelled } from '../../contracts';
import type { Outputs } from './outputs';

const HEARTBEAT_MS = 10_000;

type Kind = 'json' | 'picture' | 'progress';

/** One line of an NDJSON answer; the last one is `result` or `error`. */
type ProgressLine =
  | ({ type: 'progress' } & Progress)
  | { type: 'heartbeat' }
  | { type: 'result'; result: unknown }
  | { type: 'error'; error: ReturnType<VitrineError['toJSON']> };

/** What a job leaves: the result for people, and the name of its picture in the output folder. */
export interface Answer {
  result: object;
  /** The file that `Accept: image/*` is answered with; without one, that is answered with JSON too. */
  picture?: string;
}

/** Aborts when the caller hangs up before the answer is out. */
export function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(cancelled());
  });
  return controller.signal;
}

/**
 * Answers a job in the way that the caller's Accept header asks for: JSON with links (default), the picture
 * itself (its result in the header `X-Vitrine-Result`), or NDJSON progress.
 */
export async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  outputs: Outputs,
  work: (onProgress: (event: Progress) => void) => Promise<Answer>,
): Promise<void> {
  const kind = wanted(request.headers.accept);
  if (kind === 'progress') return stream(request, reply, work);
  const { result, picture } = await work(() => undefined);
  if (kind === 'json' || picture === undefined) {
    await reply.send(result);
    return;
  }
  const file = await outputs.open(picture);
  await reply
    .header('X-Vitrine-Result', asciiJson(result))
    .header('Content-Length', file.size)
    .type(file.mimeType)
    .send(file.stream);
}

function wanted(accept = ''): Kind {
  if (accept.includes('application/x-ndjson')) return 'progress';
  return /(^|,)\s*image\//.test(accept) ? 'picture' : 'json';
}

async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (onProgress: (event: Progress) => void) => Promise<Answer>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  let begun = false;
  const write = (line: ProgressLine) => {
    if (!begun) raw.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    begun = true;
    if (raw.writable) raw.write(`${JSON.stringify(line)}\n`);
  };
  // While the request is on its way, a refusal must still be able to say it by its status.
  const heartbeat = setInterval(() => request.raw.complete && write({ type: 'heartbeat' }), HEARTBEAT_MS);
  try {
    const { result } = await work((event) => write({ type: 'progress', ...event }));
    write({ type: 'result', result });
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    // Those that come as one of ours were logged where they were made.
    if (error.code === 'INTERNAL' && error !== thrown)
      request.log.error({ err: thrown as Error }, 'Defect in an answer');
    if (begun) {
      write({ type: 'error', error: error.toJSON() });
    } else {
      // Nothing is out yet: a plain HTTP error tells more to whoever only reads the status.
      raw.writeHead(error.status, { 'Content-Type': 'application/json', ...retryHeader(error) });
      raw.write(JSON.stringify({ error }));
    }
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
}

/** `Retry-After` in seconds, for errors that pass. */
export function retryHeader(error: VitrineError): Record<string, string> {
  return error.retryAfter === undefined ? {} : { 'Retry-After': String(error.retryAfter) };
}

/** JSON that fits into a header: everything beyond ASCII escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
