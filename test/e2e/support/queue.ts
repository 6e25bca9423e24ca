import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, n8nEnv } from './n8n';
import { Service, answersOk } from './service';
import { n8nScript, nodeBinary, nodesFolder, work } from './settings';

const POSTGRES_FOLDERS = '/usr/lib/postgresql';

/** Why this machine cannot run n8n's queue mode, or undefined. */
export function queueUnavailable(): string | undefined {
  if (!postgresFolder()) return 'Postgres is not here (apt-get install postgresql)';
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    if (process.getuid?.() === 0) postgresUser();
    return undefined;
  } catch {
    return 'Redis is not here (apt-get install redis-server)';
  }
}

/** Where Debian has the server's programs, of the newest version. */
function postgresFolder(): string | undefined {
  if (!existsSync(POSTGRES_FOLDERS)) return undefined;
  const versions = readdirSync(POSTGRES_FOLDERS).sort((a, b) => Number(b) - Number(a));
  const folders = versions.map((version) => join(POSTGRES_FOLDERS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** Postgres refuses to run as root. */
function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A fresh database server on the loopback, which trusts everybody. */
export async function startPostgres(port: number): Promise<Service> {
  const [bin, user] = [postgresFolder()!, postgresUser()];
  const data = join(work, 'postgres');
  mkdirSync(data);
  // That user has to come by.
  chmodSync(work, 0o711);
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid!);
  const options = { ...user, cwd: data };
  await promisify(execFile)(join(bin, 'initdb'), ['-D', data, '-U', 'n8n', '--auth=trust'], options);
  return await new Service('postgres', {
    command: [join(bin, 'postgres'), '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data],
    ...user,
    env: process.env,
    isReady: () =>
      promisify(execFile)(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
        () => true,
        () => false,
      ),
  }).start();
}

/** Append-only, as docker/compose.queue.yaml has it. */
export async function startRedis(port: number): Promise<Service> {
  const folder = join(work, 'redis');
  mkdirSync(folder);
  const settings = { bind: '127.0.0.1', dir: folder, appendonly: 'yes', appendfsync: 'everysec' };
  const args = Object.entries({ port, ...settings }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return await new Service('redis', {
    command: ['redis-server', ...args],
    env: process.env,
    isReady: () => listens(port),
  }).start();
}

/** How n8n's processes find each other, and what they share. */
export interface QueueSettings {
  folder: string;
  postgresPort: number;
  redisPort: number;
  env: NodeJS.ProcessEnv;
}

/** n8n's main process, a webhook processor or a worker, with a port of its own. */
export async function n8nProcess(
  name: string,
  args: string[],
  { folder, postgresPort, redisPort, env }: QueueSettings,
): Promise<Service & { url: string }> {
  const [port, brokerPort] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const service = new Service(name, {
    command: [nodeBinary, n8nScript, ...args],
    env: {
      ...n8nEnv(folder),
      ...{
        EXECUTIONS_MODE: 'queue',
        QUEUE_BULL_REDIS_HOST: '127.0.0.1',
        QUEUE_BULL_REDIS_PORT: String(redisPort),
      },
      ...{ DB_TYPE: 'postgresdb', DB_POSTGRESDB_HOST: '127.0.0.1', DB_POSTGRESDB_PORT: String(postgresPort) },
      ...{ DB_POSTGRESDB_USER: 'n8n', DB_POSTGRESDB_DATABASE: 'postgres' },
      ...{ N8N_PORT: String(port), N8N_RUNNERS_BROKER_PORT: String(brokerPort) },
      ...{ QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) },
      N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
      ...env,
    },
    isReady: () => answersOk(`${url}/healthz/readiness`),
  });
  return Object.assign(service, { url });
}

/** An engine as `vitrine serve` starts it, from the installed package. */
export async function engineProcess(name: string, token: string): Promise<Service & { url: string }> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const home = join(work, name);
  mkdirSync(join(home, 'temp'), { recursive: true });
  const service = new Service(name, {
    command: [nodeBinary, join(nodesFolder, 'node_modules/n8n-nodes-vitrine/dist/lib/cli/main.js'), 'serve'],
    env: {
      ...{ PATH: process.env.PATH, PORT: String(port), VITRINE_TOKEN: token, BG_REQS_PER_MIN: '0' },
      ...{ VITRINE_HOME: home, OUTPUT_DIR: join(home, 'output'), VITRINE_LOG_DIR: join(home, 'logs') },
      ...{ VITRINE_TEMP_DIR: join(home, 'temp'), VITRINE_ALLOW_HOSTS: '127.0.0.1', OMP_NUM_THREADS: '1' },
    },
    isReady: () => answersOk(`${url}/ready`),
  });
  return Object.assign(service, { url });
}

/** How often a log says something. */
export function linesOf(file: string, what: RegExp): number {
  return readFileSync(file, 'utf8').match(what)?.length ?? 0;
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
