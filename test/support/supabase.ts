import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';
import { supabaseNode } from './supabase-node';
import { listen } from './web';

type Driver = 'pglite' | 'sqlite-postgres';

/** What the way to the project does with a request; true: it goes on to the project. */
export type Fault = (response: ServerResponse, request: IncomingMessage) => boolean | void;

/** A request that came by. */
export interface Passed {
  method: string;
  /** With its query, decoded. */
  path: string;
  headers: IncomingMessage['headers'];
}

/** A real backend of Supabase's API with a database of its own, and a way to it that can be disturbed. */
export interface TestSupabase {
  /** The way that can be disturbed. */
  url: string;
  /** Of the service role. */
  key: string;
  /** Of everybody: row level security stops it. */
  publishableKey: string;
  passed: Passed[];
  /** Faults for the next requests that one of them is meant for, in their order. */
  faults: { meets(request: Passed): boolean; fault: Fault }[];
  /** The most requests that were under way at the same time. */
  atOnce: number;
  /** Rows of a table. */
  rows(table: string): Promise<Record<string, unknown>[]>;
  insert(table: string, row: object): Promise<void>;
  /** Makes a public bucket. */
  makeBucket(id: string, settings?: object): Promise<void>;
  /** All files of a bucket, by their keys. */
  files(bucket: string): Promise<string[]>;
  /** What everybody gets at an address. */
  fetch(url: string): Promise<Response>;
}

/** Its own door is for programs in ES modules, and the way to this file is none of its exports. */
const CLI = join(packageRoot, 'node_modules/@supabase/lite/dist/cli/index.js');

const projects: { child: ChildProcess; folder: string }[] = [];

afterAll(async () => {
  for (const { child, folder } of projects) {
    const ended = child.exitCode === null && child.signalCode === null && once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A file may have 1 MB in the whole project. */
const configOf = (port: number, driver: Driver) => `
[api]
port = ${port}
[db]
driver = "${driver}"
url = "file:./supabase/.temp/data"
[db.migrations]
schema_paths = ["./schemas/schema.sql"]
[auth]
enabled = true
jwt_secret = "${randomBytes(32).toString('hex')}"
publishable_key = "env(SUPABASE_PUBLISHABLE_KEY)"
secret_key = "env(SUPABASE_SECRET_KEY)"
[storage]
enabled = true
file_size_limit = "1MiB"
`;

/**
 * Starts a project with these tables; everything of it is gone when the test file ends.
 * @param schema PostgreSQL
 * @param driver `pglite` is PostgreSQL itself, `sqlite-postgres` starts in a tenth of its time
 */
export async function startSupabase(
  schema: string,
  driver: Driver = 'sqlite-postgres',
): Promise<TestSupabase> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vt-supabase-')));
  mkdirSync(join(folder, 'supabase/schemas'), { recursive: true });
  mkdirSync(join(folder, 'supabase/.temp', driver === 'pglite' ? 'data' : ''), { recursive: true });
  const port = await freePort();
  writeFileSync(join(folder, 'supabase/config.toml'), configOf(port, driver));
  writeFileSync(join(folder, 'supabase/schemas/schema.sql'), schema);
  const key = `sb_secret_${randomBytes(16).toString('hex')}`;
  const publishableKey = `sb_publishable_${randomBytes(16).toString('hex')}`;
  const child = spawn(supabaseNode(), [CLI, 'dev', '--no-admin'], {
    cwd: folder,
    env: {
      ...{
        PATH: process.env.PATH,
        HOME: folder,
        TMPDIR: tmpdir(),
        DO_NOT_TRACK: '1',
        EXPERIMENTAL_STORAGE: '1',
      },
      ...{ SUPABASE_SECRET_KEY: key, SUPABASE_PUBLISHABLE_KEY: publishableKey },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  projects.push({ child, folder });
  await ready(child);
  const direct = `http://127.0.0.1:${port}`;
  const supabase: TestSupabase = {
    ...{ url: '', key, publishableKey, passed: [], faults: [], atOnce: 0 },
    rows: async (table) => (await ask(`/rest/v1/${table}?select=*`)).json(),
    insert: async (table, row) => void (await ask(`/rest/v1/${table}`, row)),
    makeBucket: async (id, settings = {}) =>
      void (await ask('/storage/v1/bucket', { id, name: id, public: true, ...settings })),
    files: async (bucket) => {
      const entries = await (
        await ask(`/storage/v1/object/list/${bucket}`, { prefix: '', limit: 1000 })
      ).json();
      return entries.map(({ name }: { name: string }) => name).sort();
    },
    fetch: (url) => fetch(url.replace(supabase.url, direct)),
  };
  const ask = async (path: string, body?: object): Promise<Response> => {
    const headers = { apikey: key, Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const init = body ? { method: 'POST', body: JSON.stringify(body), headers } : { headers };
    const response = await fetch(direct + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  supabase.url = await listen(way(port, supabase));
  return supabase;
}

/** Hands requests on, once their faults are used up. */
function way(port: number, supabase: TestSupabase) {
  let under = 0;
  return (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = incoming;
    const passed = { method, path: decodeURIComponent(url), headers };
    supabase.passed.push(passed);
    supabase.atOnce = Math.max(supabase.atOnce, ++under);
    response.once('close', () => under--);
    const index = supabase.faults.findIndex(({ meets }) => meets(passed));
    const [met] = index < 0 ? [] : supabase.faults.splice(index, 1);
    if (met && met.fault(response, incoming) !== true) return;
    const onward = request({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    incoming.pipe(onward);
  };
}

/** An answer in place of the project's; the request is read to its end, as a project does. */
export const refuse =
  (status: number, body: object, headers: Record<string, string> = {}): Fault =>
  (response, incoming) => {
    incoming.resume().once('end', () => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    });
  };

/** The connection breaks. */
export const drop: Fault = (response) => void response.destroy();

/** For requests that write a file. */
export const uploads = ({ method, path }: Passed) =>
  method === 'POST' && /^\/storage\/v1\/object\/(?!list\/)/.test(path);

async function ready(child: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk) => {
        log += chunk;
        if (log.includes('Ready in')) resolve();
      });
    child.once('exit', (code) => reject(new Error(`Supabase did not start (${code}): ${log}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
