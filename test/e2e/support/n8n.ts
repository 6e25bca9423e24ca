import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, createWriteStream, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baseEnv, n8nScript, nodeBinary, nodesFolder, userFolder, work } from './settings';
import { sleep, until } from './wait';

const DISABLED_MODULES =
  'mcp-registry,mcp,instance-ai,agents,chat-hub,workflow-builder,quick-connect,breaking-changes';

export interface N8nOptions {
  /** Default: the folder that the tarball was installed into. */
  folder?: string;
  /** VITRINE_HOME of its nodes. */
  home: string;
  env?: NodeJS.ProcessEnv;
}

/** One running n8n process on ports of its own. */
export class N8n {
  static readonly running = new Set<N8n>();

  private constructor(
    readonly url: string,
    readonly logFile: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves once n8n answers that it is ready; webhooks may need a moment longer. */
  static async start({ folder = userFolder, home, env }: N8nOptions): Promise<N8n> {
    const [port, brokerPort] = await freePorts(2);
    const logFile = join(work, `n8n-${port}.log`);
    const log = createWriteStream(logFile);
    const child = spawn(nodeBinary, [n8nScript, 'start'], {
      cwd: work,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...n8nEnv(folder),
        N8N_PORT: String(port),
        N8N_RUNNERS_BROKER_PORT: String(brokerPort),
        VITRINE_HOME: home,
        VITRINE_TEMP_DIR: join(home, 'temp'),
        ...env,
      },
    });
    mkdirSync(join(home, 'temp'), { recursive: true, mode: 0o700 });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    const n8n = new N8n(`http://127.0.0.1:${port}`, logFile, child);
    N8n.running.add(n8n);
    await until('n8n to be ready', () => n8n.ready(), 90);
    return n8n;
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Ends n8n with its task runners and waits for it; an engine lives on, as it does for users. */
  async stop(): Promise<void> {
    N8n.running.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    process.kill(-this.pid, 'SIGTERM');
    const grace = new AbortController();
    const late = sleep(20_000, 'late', { signal: grace.signal }).catch(() => undefined);
    if ((await Promise.race([ended, late])) === 'late') process.kill(-this.pid, 'SIGKILL');
    grace.abort();
    await ended;
  }

  /** Kills n8n and its task runners as they stand. */
  async kill(): Promise<void> {
    N8n.running.delete(this);
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    process.kill(-this.pid, 'SIGKILL');
    await ended;
  }

  /** Calls a production webhook; n8n registers them asynchronously, so a 404 means "not yet" for a while. */
  async webhook(path: string, body: () => FormData | Blob): Promise<Response> {
    return await until(`webhook ${path} to be registered`, async () => {
      const response = await fetch(`${this.url}/webhook/${path}`, { method: 'POST', body: body() });
      if (response.status !== 404) return response;
      await response.body?.cancel();
      return undefined;
    });
  }

  private async ready(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`n8n ended with code ${this.child.exitCode}`);
    try {
      return (await fetch(`${this.url}/healthz/readiness`)).ok;
    } catch {
      return false;
    }
  }
}

/** A user folder of its own with the same database, on the same installed nodes unless `nodes` says otherwise. */
export function cloneUserFolder(name: string, nodes = nodesFolder): string {
  const folder = join(work, name);
  mkdirSync(join(folder, '.n8n'), { recursive: true });
  for (const file of ['config', 'database.sqlite', 'database.sqlite-wal', 'database.sqlite-shm']) {
    const source = join(userFolder, '.n8n', file);
    if (existsSync(source)) cpSync(source, join(folder, '.n8n', file));
  }
  symlinkSync(nodes, join(folder, '.n8n/nodes'));
  return folder;
}

/** Runs one of n8n's own commands, e.g. `import:workflow`. */
export async function n8nCommand(folder: string, args: string[]): Promise<void> {
  await promisify(execFile)(nodeBinary, [n8nScript, ...args], { cwd: work, env: n8nEnv(folder) });
}

/** The last lines of a log file, for a failure's message. */
export function tail(file: string, lines = 25): string {
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  return last.map((line) => (line.length > 500 ? `${line.slice(0, 500)}...` : line)).join('\n');
}

/** A quiet server on the loopback that calls nobody. */
export function n8nEnv(folder: string): NodeJS.ProcessEnv {
  return {
    ...baseEnv(),
    N8N_USER_FOLDER: folder,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_ENCRYPTION_KEY: 'end-to-end',
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_VERIFIED_PACKAGES_ENABLED: 'false',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    N8N_DISABLED_MODULES: DISABLED_MODULES,
  };
}

/** Ports that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
      }),
  );
  const found = await Promise.all(ports);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}
