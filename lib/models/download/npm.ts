import { createHash, getHashes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packageRoot, throwIfAborted, VitrineError, withoutQuery } from '../../contracts';
import { discard, type Remote } from './transfer';
import { failed, Interrupted, statusError } from './errors';
import { parseJson, readText, reasonOf, type Reply } from './http';
import { loadNpmConfig, loadNpmDefinitions, loadNpmFetch } from './lazy';
import { persistent } from './persistent';
import type { DownloadSettings } from './settings';
import { rangeHeaders } from './web';

/** A package of the npm registry as one tarball. */
export interface NpmTarball extends Remote {
  /** `sha512-<base64>` as the registry states it. */
  integrity: string;
}

interface Manifest {
  dist?: { tarball?: string; integrity?: string };
}

/**
 * Looks a package up in the user's npm registry, with the user's own settings: `.npmrc`, `npm_config_*`, proxies,
 * certificates, credentials.
 * @param spec `name@version`, an exact version
 * @throws VitrineError DOWNLOAD_FAILED; what the signal was aborted with
 */
export async function npmTarball(
  spec: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<NpmTarball> {
  const at = spec.lastIndexOf('@');
  const [name, version] = [spec.slice(0, at), spec.slice(at + 1)];
  const npm = await npmOptions(settings, signal);
  const path = `/${name.replace('/', '%2f')}/${version}`;
  const place = `npm:${spec}`;
  const { dist } = await persistent(place, settings, signal, async () => {
    const reply = await ask(path, { ...npm, spec: name }, settings, signal);
    if (reply.status !== 200) {
      reply.body.destroy();
      throw refuse(place, reply);
    }
    return (parseJson(await readText(reply.body, settings.answerSeconds)) ?? {}) as Manifest;
  });
  if (!dist?.tarball || !dist.integrity) {
    throw failed(
      place,
      'the registry names no tarball with its hash',
      'Check the npm registry: `npm config get registry`.',
    );
  }
  const url = atRegistry(dist.tarball, name, String(npm.registry));
  return {
    place: withoutQuery(url),
    key: `${place} ${dist.integrity}`,
    integrity: dist.integrity,
    open: (offset, validator, inner) =>
      ask(
        url,
        {
          ...npm,
          spec: name,
          headers: { 'accept-encoding': 'identity', ...rangeHeaders(offset, validator) },
        },
        settings,
        inner,
      ),
    refuse: (reply) => refuse(withoutQuery(url), reply),
  };
}

/** The user's own registry serves the file even where it left another registry's address in the manifest. */
function atRegistry(tarball: string, name: string, registry: string): string {
  const [, file] = /\/-\/([^/]+)$/.exec(tarball) ?? [];
  return file ? `${registry.replace(/\/*$/, '')}/${name}/-/${file}` : tarball;
}

/**
 * Compares a tarball with the registry's hash; a wrong one is deleted.
 * @throws VitrineError INVALID_MODEL
 */
export async function checkIntegrity({ integrity, place }: NpmTarball, file: string): Promise<void> {
  const known = integrity.split(/\s+/).map((one) => /^([a-z0-9]+)-(.+)$/.exec(one) ?? []);
  const [, algorithm, expected] = known.find(([, name]) => name === 'sha512') ?? known[0];
  if (!algorithm || !getHashes().includes(algorithm)) {
    throw failed(
      place,
      `its hash ${integrity} is of an unknown kind`,
      'Check the npm registry: `npm config get registry`.',
    );
  }
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const actual = hash.digest('base64');
  if (actual === expected) return;
  await discard(file);
  throw new VitrineError({
    code: 'INVALID_MODEL',
    message: `${place} came with the ${algorithm} ${actual} where the registry states ${expected}; it was deleted`,
    hint: 'Try again; if it happens each time, the registry or a proxy changes the file.',
  });
}

async function npmOptions(settings: DownloadSettings, signal: AbortSignal): Promise<Record<string, unknown>> {
  const Config = loadNpmConfig();
  const { definitions, shorthands, flatten } = loadNpmDefinitions();
  const config = new Config({
    definitions,
    shorthands,
    flatten,
    npmPath: packageRoot,
    // A copy, because it writes what it has read into it.
    env: { ...process.env },
    argv: [process.execPath, 'vitrine'],
    excludeNpmCwd: true,
    warn: false,
  });
  await config.load();
  return {
    ...config.flat,
    // Parts are kept by us, and tried again by us.
    cache: undefined,
    preferOffline: false,
    offline: false,
    retry: { retries: 0 },
    timeout: settings.answerSeconds * 1000,
    signal,
  };
}

async function ask(
  path: string,
  options: Record<string, unknown>,
  { answerSeconds }: DownloadSettings,
  signal: AbortSignal,
): Promise<Reply> {
  const fetch = loadNpmFetch();
  try {
    const unwanted = new AbortController();
    const either = AbortSignal.any([signal, unwanted.signal]);
    const { status, headers, body } = await fetch(path, { ...options, signal: either });
    // Its streams are of another kind: neither an error nor an end of interest crosses by itself.
    const stream = new PassThrough();
    body.on('error', (error) => stream.destroy(error));
    stream.once('close', () => unwanted.abort());
    return { status, headers: Object.fromEntries(headers), body: body.pipe(stream) };
  } catch (error) {
    throwIfAborted(signal);
    const {
      statusCode,
      headers = {},
      type,
    } = error as {
      statusCode?: number;
      headers?: Record<string, string[]>;
      type?: string;
    };
    if (!statusCode) {
      const late =
        type === 'request-timeout' ? `the npm registry did not answer within ${answerSeconds} s` : undefined;
      throw new Interrupted(late ?? `the npm registry: ${reasonOf(error)}`);
    }
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { status: statusCode, headers: Object.fromEntries(lower), body: new PassThrough().end() };
  }
}

function refuse(place: string, { status, headers }: Reply): Error {
  if (status === 401 || status === 403) {
    return failed(
      place,
      `the npm registry answered ${status}`,
      'Sign in to the registry (`npm login`), or allow this package there.',
    );
  }
  return statusError(place, status, headers['retry-after']);
}
