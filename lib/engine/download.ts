import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import axios, { type AxiosError } from 'axios';
import { type Config, VitrineError, invalid } from '../contracts';
import { outboundAgents } from '../providers';

const TIMEOUT_MS = 30_000;
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
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:') {
    throw invalid(
      'url',
      'an http or https address',
      url,
      'Give the full address of the picture, beginning with https://.',
    );
  }
  const place = `${target.protocol}//${target.host}${target.pathname}`;
  const file = join(folder, 'input');
  try {
    const response = await axios.get<Readable>(target.href, {
      ...outboundAgents(target.hostname, config.allowHosts),
      beforeRedirect: (options) => {
        const { httpAgent, httpsAgent } = outboundAgents(String(options.hostname), config.allowHosts);
        options.agents = { http: httpAgent, https: httpsAgent };
      },
      responseType: 'stream',
      maxRedirects: MAX_REDIRECTS,
      timeout: TIMEOUT_MS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS * 2)]),
      proxy: false,
      headers: { Accept: 'image/*,*/*;q=0.5', 'User-Agent': 'vitrine' },
    });
    await pipeline(response.data, atMost(config.limits.maxBytes), createWriteStream(file));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof VitrineError) throw error;
    throw explain(error, place);
  }
  return { file, fileName: decodeURIComponentSafe(basename(target.pathname)) };
}

function atMost(maxBytes: number): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      done(received > maxBytes ? tooLarge(maxBytes) : null, chunk);
    },
  });
}

/** @param maxBytes the limit that was passed */
export function tooLarge(maxBytes: number): VitrineError {
  return new VitrineError({
    code: 'TOO_LARGE',
    message: `The picture has more than ${Math.floor(maxBytes / 1024 / 1024)} MB`,
    hint: 'Send a smaller file, or raise VITRINE_MAX_IMAGE_MB.',
  });
}

/** The reader learns the host and the reason, never a query string: signed addresses carry secrets there. */
function explain(error: unknown, place: string): VitrineError {
  const { response, code, message } = error as AxiosError;
  if (/is not allowed/i.test(message)) {
    return new VitrineError({
      code: 'ADDRESS_BLOCKED',
      message: `${place} is not a public address`,
      hint: 'Add its host or network to VITRINE_ALLOW_HOSTS if the engine may download from there.',
    });
  }
  const reason = response ? `it answered ${response.status}` : (code ?? 'the connection broke');
  return new VitrineError({
    code: 'FETCH_FAILED',
    message: `Could not download ${place}: ${reason}`,
    hint: 'Open the address in a browser without being signed in; it must show the picture itself.',
  });
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
