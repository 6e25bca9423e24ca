import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { AxiosError } from 'axios';
import { networkReason } from '../../contracts';
import { Interrupted } from './errors';
import { loadAxios } from './lazy';

export interface Reply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  body: Readable;
}

export interface Request {
  url: string;
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  /** Seconds until the answer begins. */
  answerSeconds: number;
  /** Default: 10. */
  maxRedirects?: number;
  signal: AbortSignal;
}

/**
 * One request, through HTTPS_PROXY, HTTP_PROXY and NO_PROXY. An Authorization header never follows a redirect to
 * another host.
 * @throws Interrupted when no answer comes; the signal's reason when aborted
 */
export async function send(request: Request): Promise<Reply> {
  const { url, method = 'GET', headers = {}, answerSeconds, maxRedirects = 10, signal } = request;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerSeconds * 1000);
  const { host } = new URL(url);
  try {
    const {
      status,
      headers: answered,
      data,
    } = await loadAxios().request<IncomingMessage>({
      url,
      method,
      headers: { 'User-Agent': 'vitrine', 'Accept-Encoding': 'identity', ...headers },
      responseType: 'stream',
      decompress: false,
      validateStatus: () => true,
      maxRedirects,
      signal: AbortSignal.any([signal, late.signal]),
      beforeRedirect: (options) => {
        const target = options as {
          host?: string;
          hostname?: string;
          port?: string;
          headers: Record<string, string>;
        };
        const next = target.port ? `${target.hostname}:${target.port}` : target.hostname;
        if (next === host) return;
        for (const name of Object.keys(target.headers)) {
          if (name.toLowerCase() === 'authorization') delete target.headers[name];
        }
      },
    });
    const lower = Object.entries(answered).map(([name, value]) => [name.toLowerCase(), value?.toString()]);
    return { status, headers: Object.fromEntries(lower), body: data };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (late.signal.aborted) throw new Interrupted(`${host} did not answer within ${answerSeconds} s`);
    throw new Interrupted(`${host}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The whole of a short answer.
 * @throws Interrupted when it breaks off or takes too long
 */
export async function readText(body: Readable, answerSeconds: number): Promise<string> {
  const timer = setTimeout(
    () => body.destroy(new Error(`it was not whole within ${answerSeconds} s`)),
    answerSeconds * 1000,
  );
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk as Buffer));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw new Interrupted(`the answer broke off: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** JSON of a server; undefined where it is something else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // What is missing in it is said by the caller.
  }
}

/** Why a connection failed. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as AxiosError;
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  return networkReason(code ?? cause?.code ?? '') || message;
}
