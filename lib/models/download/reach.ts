import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { isWebAddress } from '../../contracts';
import { Interrupted } from './errors';
import { send } from './http';
import { readJson, writeNote } from '../records';
import type { DownloadSettings } from './settings';

/** A failed attempt is not repeated for this long by jobs that did not ask for a download. */
const REMEMBER_MS = 10 * 60_000;
const FILE = '.unreachable.json';

/** Seconds within which a host that is there answers. */
const PROBE_SECONDS = 4;
/** What a proxy answers for a host that it cannot reach or does not let through. */
const NOT_THROUGH = [403, 407, 502, 503, 504];

/** `at`: milliseconds since 1970. */
const failure = z.object({ reason: z.string(), at: z.number() });
type Failure = z.infer<typeof failure>;

/**
 * Why a recent download could not be had, or undefined when it is worth a try. A note that is damaged, or from the
 * future because a clock was wrong, keeps nobody from a try.
 */
export async function recentFailure(modelsDir: string): Promise<string | undefined> {
  const note = await readJson<unknown>(join(modelsDir, FILE), undefined).catch(() => undefined);
  const { data } = failure.safeParse(note);
  const age = Date.now() - (data?.at ?? 0);
  return age >= 0 && age < REMEMBER_MS ? data?.reason : undefined;
}

export async function rememberFailure(modelsDir: string, reason: string): Promise<void> {
  await writeNote(join(modelsDir, FILE), { reason, at: Date.now() } satisfies Failure);
}

export async function forgetFailure(modelsDir: string): Promise<void> {
  await rm(join(modelsDir, FILE), { recursive: true, force: true });
}

/**
 * Sees within seconds whether the host of a source answers at all.
 * @returns why not, or undefined when it does
 */
export async function probe(
  source: string,
  { hubEndpoint, mirror }: DownloadSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const url = mirror ?? (source.startsWith('hf:') ? hubEndpoint : source);
  if (!isWebAddress(url)) return undefined;
  const { origin, host } = new URL(url);
  try {
    const { status, body } = await send({
      url: origin,
      method: 'HEAD',
      answerSeconds: PROBE_SECONDS,
      maxRedirects: 0,
      signal,
    });
    body.resume();
    return NOT_THROUGH.includes(status) ? `${host} cannot be reached (${status})` : undefined;
  } catch (error) {
    if (error instanceof Interrupted) return error.reason;
    throw error;
  }
}
