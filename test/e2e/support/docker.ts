import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { nodeBinary, work } from './settings';
import { until } from './wait';

const BASE_IMAGE = 'node:24-bookworm-slim';
/** Debian's own lies here, behind a newer one without BuildKit that other tools bring along. */
const CLIENTS = [process.env.DOCKER, 'docker', '/usr/bin/docker'].filter((name) => name !== undefined);

/** A Docker that can build and run this project's images. */
export class Docker {
  private constructor(
    /** Its client. */
    readonly client: string,
    /** What commands need in their environment. */
    readonly env: NodeJS.ProcessEnv,
    /** Docker Compose, of either generation, with its arguments. */
    readonly compose: string[],
    private readonly daemon?: ChildProcess,
  ) {}

  /** Why there is none here, or undefined. */
  static unavailable(): string | undefined {
    const client = findClient();
    if (!client) return 'no Docker client with BuildKit is here';
    if (!findCompose(client)) return 'no Docker Compose is here';
    if (!answers('make', ['--version'])) return 'make is not here';
    if (answers(client, ['info'])) return undefined;
    if (process.getuid?.() !== 0) return 'no Docker daemon answers, and only root can start one';
    if (!answers('debootstrap', ['--version'])) return 'debootstrap is not here';
    return startsDaemon(client) ? undefined : 'no Docker daemon answers, and none could be started';
  }

  /** The daemon that runs, or one of the suite's own. */
  static async start(): Promise<Docker> {
    const client = findClient()!;
    const compose = findCompose(client)!;
    if (answers(client, ['info'])) return await Docker.withBase(new Docker(client, environment(), compose));
    const { socket, args } = daemonIn('docker');
    const log = openSync(join(work, 'docker/dockerd.log'), 'w');
    const daemon = spawn('dockerd', args, { stdio: ['ignore', log, log] });
    const docker = new Docker(client, { ...environment(), DOCKER_HOST: socket }, compose, daemon);
    try {
      await until('dockerd to answer', () => {
        if (daemon.exitCode !== null) throw new Error(`dockerd ended with code ${daemon.exitCode}`);
        return answers(client, ['info'], docker.env);
      });
      return await Docker.withBase(docker);
    } catch (error) {
      await docker.stop();
      throw error;
    }
  }

  private static async withBase(docker: Docker): Promise<Docker> {
    if (answers(docker.client, ['image', 'inspect', BASE_IMAGE], docker.env)) return docker;
    if (answers(docker.client, ['pull', '--quiet', BASE_IMAGE], docker.env)) return docker;
    const script = join(__dirname, 'base-image.sh');
    await promisify(execFile)(script, [docker.client, work, nodeBinary, BASE_IMAGE], { env: docker.env });
    return docker;
  }

  /** @returns what it prints */
  async run(args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.client, args, { env: this.env });
    return stdout.trim();
  }

  /** Ends the daemon, where it is the suite's own. */
  async stop(): Promise<void> {
    const { daemon } = this;
    if (!daemon || daemon.exitCode !== null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
  }
}

/** A daemon that has everything of its own below a folder of the run's. */
function daemonIn(name: string): { socket: string; args: string[] } {
  const folder = join(work, name);
  mkdirSync(folder);
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const places = ['data-root', 'exec-root', 'pidfile'].map((place) => `--${place}=${join(folder, place)}`);
  return { socket, args: [`--host=${socket}`, ...places] };
}

/** Containers of CI services often may not: tried, since there are many reasons. */
function startsDaemon(client: string): boolean {
  const { socket, args } = daemonIn('docker-trial');
  const script = `dockerd "$@" > '${join(work, 'docker-trial/dockerd.log')}' 2>&1 & daemon=$!
    for second in {1..20}; do
      if '${client}' -H ${socket} info > /dev/null 2>&1; then kill $daemon; wait $daemon; exit 0; fi
      kill -0 $daemon 2> /dev/null || exit 1
      sleep 1
    done
    kill $daemon; exit 1`;
  return answers('bash', ['-c', script, 'dockerd', ...args]);
}

/** `docker` and `node` are the right ones for whatever is started with it, such as make. */
function environment(): NodeJS.ProcessEnv {
  const client = findClient()!;
  const own = client.includes('/') ? `${client.slice(0, client.lastIndexOf('/'))}${delimiter}` : '';
  return { ...process.env, DOCKER: client, PATH: `${own}${process.env.PATH}`, BUILDKIT_PROGRESS: 'plain' };
}

function findClient(): string | undefined {
  return CLIENTS.find((client) => {
    const [, major] = /version (\d+)\./.exec(printed(client, ['--version']) ?? '') ?? [];
    // Up to 22 the client has BuildKit within itself.
    return major && (Number(major) < 23 || answers(client, ['buildx', 'version']));
  });
}

function findCompose(client: string): string[] | undefined {
  return [[client, 'compose'], ['docker-compose']].find(([command, ...args]) =>
    answers(command, [...args, 'version']),
  );
}

function answers(command: string, args: string[], env = process.env): boolean {
  return printed(command, args, env) !== undefined;
}

function printed(command: string, args: string[], env = process.env): string | undefined {
  try {
    return execFileSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
