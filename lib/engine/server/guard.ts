import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { VitrineError, isLoopback } from '../../contracts';

/** Open without a token: what load balancers and the client's search for an engine ask, and how to use the rest. */
const OPEN_PATHS = /^\/(health|ready|ping|docs(\/.*)?)$/;

/**
 * Who may ask. With a token: whoever knows it. Without one the engine listens on loopback only, and the
 * guard keeps out web pages that the user's browser happens to show (other origins, rebound host names).
 * @throws VitrineError UNAUTHORIZED, FORBIDDEN
 */
export function guard(request: FastifyRequest, token: string | undefined): void {
  const path = request.url.split('?', 1)[0];
  if (token) {
    if (OPEN_PATHS.test(path)) return;
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || !sameText(given, token)) throw unauthorized(given !== undefined);
    return;
  }
  if (!isLoopback(request.hostname)) throw foreign(`host name ${JSON.stringify(request.hostname)}`);
  const { origin } = request.headers;
  if (origin !== undefined && !isLoopbackOrigin(origin)) throw foreign(`page ${JSON.stringify(origin)}`);
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

function unauthorized(wrong: boolean): VitrineError {
  return new VitrineError({
    code: 'UNAUTHORIZED',
    message: wrong
      ? 'The token is not the one of this engine'
      : 'This engine wants a token and received none',
    hint: 'Send Authorization: Bearer with the VITRINE_TOKEN of the engine.',
  });
}

function foreign(what: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `An engine without a token answers this machine only, not ${what}`,
    hint: 'Start the engine with VITRINE_TOKEN to let others use it.',
  });
}
