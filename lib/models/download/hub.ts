import { z } from 'zod/v4';
import { withoutQuery } from '../../contracts';
import { failed, statusError, type HubRefusal } from './errors';
import { persistent } from './persistent';
import { parseJson, readText, send, type Reply } from './http';
import type { DownloadSettings } from './settings';
import type { Remote } from './transfer';
import { webRemote } from './web';

/** A file of a hub as its repository has it now. */
export interface HubFile extends Remote {
  /** The repository's commit, when the hub tells. */
  revision?: string;
  /** What the hub says that the file's hash is. */
  sha256?: string;
  blob?: string;
}

const MAX_REDIRECTS = 5;

/** What every request to the hub takes along. */
interface Asker {
  settings: DownloadSettings;
  signal: AbortSignal;
  headers?: Record<string, string>;
  hub: HubRefusal;
}

/**
 * Asks a Hugging Face hub, or a mirror, about a file: `HEAD /<repo>/resolve/<revision>/<path>` answers with
 * `X-Repo-Commit`, and for large files with `X-Linked-Size` and the sha256 as `X-Linked-ETag` (huggingface_hub's
 * `get_hf_file_metadata`).
 * @param source what follows `hf:`, that is `owner/repo@revision/path`
 * @param pinned sha256 by which the file is found if it was given another name
 * @throws VitrineError DOWNLOAD_FAILED; what the signal was aborted with
 */
export async function hubFile(
  source: string,
  settings: DownloadSettings,
  signal: AbortSignal,
  pinned?: string,
): Promise<HubFile> {
  const [, repo, revision, path] = /^([^@]+)@([^/]+)\/(.+)$/.exec(source)!;
  const { hubEndpoint, hubToken } = settings;
  const asker: Asker = {
    settings,
    signal,
    headers: hubToken ? { Authorization: `Bearer ${hubToken}` } : undefined,
    hub: { page: `${hubEndpoint}/${repo}`, hasToken: Boolean(hubToken) },
  };
  const address = (file: string, at = revision) =>
    `${hubEndpoint}/${repo}/resolve/${encodeURIComponent(at)}/${file}`;
  let name: string | undefined = path;
  let answered = await ask(address(path), asker);
  if (!answered && pinned) {
    const tree = `${hubEndpoint}/api/models/${repo}/tree/${encodeURIComponent(revision)}?recursive=true`;
    name = await findByHash(tree, pinned, asker);
    answered = name === undefined ? undefined : await ask(address(name), asker);
  }
  const place = withoutQuery(address(name ?? path));
  if (!answered || name === undefined) throw statusError(place, 404, undefined);

  const etag = /^(?:W\/)?"?([0-9a-f]+)"?$/.exec(answered['x-linked-etag'] ?? answered.etag ?? '')?.[1];
  const size = answered['x-linked-size'] ?? (answered.location ? undefined : answered['content-length']);
  const commit = answered['x-repo-commit'];
  return {
    // A pinned address, so that a commit during the download cannot mix two versions.
    ...webRemote(address(name, commit), {
      settings,
      headers: asker.headers,
      hub: asker.hub,
      bytes: size === undefined ? undefined : Number(size),
      key: `hf:${repo}/${path} ${etag ?? commit}`,
      place,
    }),
    revision: commit,
    sha256: etag?.length === 64 ? etag : undefined,
    blob: etag?.length === 40 ? etag : undefined,
  };
}

const treeEntries = z.array(z.object({ path: z.string(), lfs: z.object({ oid: z.string() }).optional() }));

/** The path of the file with a hash in a repository, or undefined. */
async function findByHash(url: string, sha256: string, asker: Asker): Promise<string | undefined> {
  const { settings, signal, headers } = asker;
  const text = await persistent(withoutQuery(url), settings, signal, async () => {
    const { status, body } = await send({ url, headers, answerSeconds: settings.answerSeconds, signal });
    const answer = await readText(body, settings.answerSeconds);
    return status === 200 ? answer : '[]';
  });
  const entries = treeEntries.safeParse(parseJson(text)).data ?? [];
  return entries.find(({ lfs }) => lfs?.oid === sha256)?.path;
}

/**
 * What the hub knows of a file, or undefined where it is not there. Follows redirects within the hub (a renamed
 * repository), but not the one to its file store.
 */
function ask(url: string, asker: Asker): Promise<Reply['headers'] | undefined> {
  const { settings, signal, headers, hub } = asker;
  const place = withoutQuery(url);
  return persistent(place, settings, signal, async () => {
    let target = url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const sameHost = new URL(target).host === new URL(url).host;
      const reply = await send({
        url: target,
        method: 'HEAD',
        headers: sameHost ? headers : undefined,
        answerSeconds: settings.answerSeconds,
        maxRedirects: 0,
        signal,
      });
      reply.body.resume();
      const { location } = reply.headers;
      if (reply.status >= 300 && reply.status < 400 && location) {
        if (reply.headers['x-linked-etag'] ?? reply.headers['x-repo-commit']) return reply.headers;
        target = new URL(location, target).href;
        continue;
      }
      if (reply.status === 200) return reply.headers;
      if (reply.status === 404) return undefined;
      const code = reply.headers['x-error-code'];
      throw statusError(place, reply.status, reply.headers['retry-after'], { ...hub, code });
    }
    throw failed(place, `it redirects more than ${MAX_REDIRECTS} times`, 'Correct HF_ENDPOINT.');
  });
}
