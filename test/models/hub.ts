import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What may go wrong with one answer that carries bytes. */
export type Fault =
  /** Half of what is asked for, then the connection breaks. */
  | 'break'
  /** Half of it, then nothing more, and the connection stays open. */
  | 'stall'
  /** No answer at all. */
  | 'hang'
  /** The whole file, whatever range was asked for. */
  | 'whole'
  /** A range that begins elsewhere. */
  | 'other-range'
  /** One byte is another. */
  | 'spoil'
  /** Announces a thousand bytes more than there are. */
  | 'long-length'
  /** Announces, and sends, a thousand bytes less. */
  | 'short-length'
  /** Announces nothing and sends a thousand bytes too many. */
  | 'extra'
  /** In twenty pieces over two seconds. */
  | 'slow'
  | { status: number; headers?: Record<string, string> };

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}

/**
 * A Hugging Face hub with its file store on another host (port), an npm registry and a plain file server in one, on
 * loopback, which does wrong what it is told to.
 */
export class Hub {
  /** Address of the hub, of the npm registry and of plain files. */
  url = '';
  /** Address of the hub's file store. */
  storeUrl = '';
  readonly seen: Seen[] = [];
  /** Taken one by one by the answers that carry bytes. */
  readonly faults: Fault[] = [];
  /** Taken one by one by every other answer. */
  readonly refusals: Fault[] = [];
  /** Commit that the hub's branches point at. */
  commit = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';
  /** Repositories that want this token. */
  readonly gated = new Map<string, string>();
  private readonly large = new Map<string, Buffer>();
  private readonly small = new Map<string, Buffer>();
  private readonly plain = new Map<string, Buffer>();
  private readonly servers: Server[] = [];

  static async start(): Promise<Hub> {
    const hub = new Hub();
    hub.url = await hub.listen((request, response) => hub.answer(request, response));
    hub.storeUrl = await hub.listen((request, response) => hub.fromStore(request, response));
    return hub;
  }

  /** A file in the hub's large-file store. @param path `owner/repo/file` */
  addLarge(path: string, content: Buffer): void {
    this.large.set(path, content);
  }

  /** A file that the hub keeps in git. */
  addSmall(path: string, content: Buffer): void {
    this.small.set(path, content);
  }

  /** A file at `/<path>`. */
  addPlain(path: string, content: Buffer | string): void {
    this.plain.set(path, Buffer.from(content));
  }

  /** A package with its manifest. */
  addPackage(name: string, version: string, tarball: Buffer, changes: Record<string, string> = {}): void {
    const file = `${name}/-/${version}.tgz`;
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    this.addPlain(file, tarball);
    const manifest = {
      name,
      version,
      dist: { tarball: `https://packages.example/${file}`, integrity, ...changes },
    };
    this.addPlain(`${name.replace('/', '%2f')}/${version}`, JSON.stringify(manifest));
  }

  /** Requests for bytes, not for what is known of them. */
  get transfers(): Seen[] {
    return this.seen.filter(({ method, path }) => method === 'GET' && !/%2f|resolve|^\/api\//.test(path));
  }

  reset(): void {
    for (const list of [this.seen, this.faults, this.refusals]) list.length = 0;
    for (const map of [this.large, this.small, this.plain, this.gated]) map.clear();
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private async listen(
    answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  ): Promise<string> {
    const server = createServer((request, response) => {
      this.seen.push({ method: request.method!, path: request.url!, headers: request.headers });
      void answer(request, response);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.slice(1);
    const [, listed] = /^api\/models\/([^/]+\/[^/]+)\/tree\//.exec(path) ?? [];
    if (listed !== undefined) return void response.end(JSON.stringify(this.tree(listed)));
    const [, repo, , file] = /^([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const isBytes = repo === undefined && !path.includes('%2f');
    if (!isBytes && (await this.refuse(request, response))) return;
    if (repo === undefined) {
      const content = this.plain.get(path);
      if (!content) return void response.writeHead(404).end();
      if (isBytes) return this.send(request, response, content);
      return void response.end(content);
    }
    const token = this.gated.get(repo);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      const code = request.headers.authorization ? 403 : 401;
      return void response.writeHead(code, { 'X-Error-Code': 'GatedRepo' }).end();
    }
    const known = { 'X-Repo-Commit': this.commit };
    const large = this.large.get(`${repo}/${file}`);
    if (large) {
      const sha256 = createHash('sha256').update(large).digest('hex');
      const headers = { ...known, 'X-Linked-ETag': `"${sha256}"`, 'X-Linked-Size': large.length };
      return void response.writeHead(302, { ...headers, Location: `${this.storeUrl}/${repo}/${file}` }).end();
    }
    const small = this.small.get(`${repo}/${file}`);
    if (!small) return void response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    const blob = createHash('sha1').update(`blob ${small.length}\0`).update(small).digest('hex');
    return this.send(request, response, small, { ...known, ETag: `"${blob}"` });
  }

  private tree(repo: string): unknown[] {
    const inside = [...this.large].filter(([name]) => name.startsWith(`${repo}/`));
    return inside.map(([name, content]) => ({
      type: 'file',
      path: name.slice(repo.length + 1),
      size: content.length,
      lfs: { oid: createHash('sha256').update(content).digest('hex'), size: content.length },
    }));
  }

  private fromStore(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.send(request, response, this.large.get(request.url!.slice(1))!);
  }

  private async refuse(_request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const refusal = this.refusals.shift();
    if (refusal === undefined) return false;
    if (refusal === 'hang') return true;
    if (typeof refusal === 'object') response.writeHead(refusal.status, refusal.headers).end();
    else response.destroy();
    return true;
  }

  private async send(
    request: IncomingMessage,
    response: ServerResponse,
    content: Buffer,
    headers: Record<string, string | number> = {},
  ): Promise<void> {
    const etag = headers.ETag ?? `"${createHash('md5').update(content).digest('hex')}"`;
    if (request.method === 'HEAD') {
      return void response.writeHead(200, { ...headers, ETag: etag, 'Content-Length': content.length }).end();
    }
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    if (typeof fault === 'object') return void response.writeHead(fault.status, fault.headers).end();

    const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const changed = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
    let start = fault === 'whole' || changed ? 0 : asked;
    if (start > 0 && start >= content.length) {
      return void response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
    }
    if (fault === 'other-range') start = Math.max(1, start - 10);
    let body = content.subarray(start);
    if (fault === 'spoil') body = Buffer.from(body).fill(body[0] ^ 1, 0, 1);
    if (fault === 'short-length') body = body.subarray(0, -1000);
    const range =
      start > 0 ? { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    const length = { 'Content-Length': body.length + (fault === 'long-length' ? 1000 : 0) };
    response.writeHead(start > 0 ? 206 : 200, {
      ...headers,
      ETag: etag,
      ...range,
      ...(fault === 'extra' ? {} : length),
    });
    if (fault === 'break' || fault === 'stall') {
      response.write(body.subarray(0, body.length / 2));
      await sleep(250);
      if (fault === 'break') response.destroy();
      return;
    }
    if (fault === 'slow') {
      const piece = Math.ceil(body.length / 20);
      for (let at = 0; at < body.length && !response.destroyed; at += piece) {
        response.write(body.subarray(at, at + piece));
        await sleep(100);
      }
      return void response.end();
    }
    response.write(body);
    if (fault === 'extra') response.write(Buffer.alloc(1000));
    if (fault === 'long-length') return void response.socket?.end();
    response.end();
  }
}

/** Bytes that look like weights, always the same for a seed. */
export function weights(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
