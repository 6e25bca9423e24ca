import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redact, throwIfAborted, VitrineError } from '../../contracts';
import { WHEEL_PYTHON, type Wheel } from './pack';

/** Python's installer, which knows the index, mirrors, proxies and certificates of this machine. */
export interface Pip {
  command: string;
  args: string[];
  /** Its own words, such as `pip 25.1 from … (python 3.12)`. */
  about: string;
}

const POLL_MS = 500;
/** Characters of what it says that an error may come to quote. */
const KEPT = 8000;

/**
 * The pip of this machine.
 * @param python the one to ask; default: python3, python, then a pip3 or pip of its own
 * @throws VitrineError TOOL_MISSING
 */
export async function findPip(python?: string, env: NodeJS.ProcessEnv = process.env): Promise<Pip> {
  const named = python ? [python] : ['python3', 'python'];
  const tries: [string, string[]][] = [
    ...named.map((command): [string, string[]] => [command, ['-m', 'pip']]),
    ...(python ? [] : ['pip3', 'pip']).map((command): [string, string[]] => [command, []]),
  ];
  const failures: string[] = [];
  for (const [command, args] of tries) {
    const { code, said } = await run(command, [...args, '--version'], env);
    const about = /^pip \d.*$/m.exec(said)?.[0];
    if (code === 0 && about) return { command, args, about };
    failures.push(`${[command, ...args].join(' ')}: ${lastLine(said) || `exit code ${code}`}`);
  }
  throw new VitrineError({
    code: 'TOOL_MISSING',
    message: `Python's pip, which fetches the CUDA libraries, is not here (${failures.join('; ')})`,
    hint: 'Install it (Debian, Ubuntu: apt-get install python3-pip), or name a Python that has it in VITRINE_PYTHON. Without pip: the installer of onnxruntime-node, or a container with CUDA, both in docs/gpu.md.',
  });
}

/** How pip is used: where it may write, and what ends it. */
export interface PipRun {
  pip: Pip;
  /** For everything it writes besides. */
  temp: string;
  signal: AbortSignal;
}

/**
 * Fetches a wheel into a new folder; its hash was compared.
 * @param onBytes called now and then with the bytes that have come
 * @returns the wheel's path
 * @throws VitrineError DOWNLOAD_FAILED, DISK_FULL, CANCELLED
 */
export async function fetchWheel(
  wheel: Wheel,
  folder: string,
  use: PipRun,
  onBytes: (bytes: number) => void,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const wanted = join(use.temp, 'wanted.txt');
  await writeFile(wanted, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  let comes = true;
  const timer = setInterval(() => {
    // A look may end after the wheel has come, and would count it twice.
    void sizeOf(use.temp).then((bytes) => comes && onBytes(Math.min(bytes, wheel.bytes)));
  }, POLL_MS);
  try {
    const args = ['--no-cache-dir', '--progress-bar', 'off', '--dest', folder, '--requirement', wanted];
    await pip(['download', ...options(wheel), ...args], use, `${wheel.name} ${wheel.version}`);
  } finally {
    comes = false;
    clearInterval(timer);
  }
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  return join(folder, file);
}

/**
 * Unpacks a wheel into a folder.
 * @throws VitrineError DOWNLOAD_FAILED, DISK_FULL, CANCELLED
 */
export async function unpackWheel(wheel: Wheel, file: string, folder: string, use: PipRun): Promise<void> {
  const args = ['--no-index', '--no-compile', '--target', folder, file];
  await pip(['install', ...options(wheel), ...args], use, `unpacking ${wheel.name} ${wheel.version}`);
}

/** Such that any pip takes the wheel, whichever Python it belongs to. */
function options({ platform }: Wheel): string[] {
  const python = ['--implementation', 'cp', '--python-version', WHEEL_PYTHON];
  return ['--quiet', '--no-input', '--no-deps', '--only-binary=:all:', '--platform', platform, ...python];
}

async function pip(args: string[], { pip: { command, args: before }, temp, signal }: PipRun, what: string) {
  const env = {
    ...process.env,
    TMPDIR: temp,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    // What suits environments of Python's own forbids a folder of ours.
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
  };
  const { code, said } = await run(command, [...before, ...args], env, signal);
  throwIfAborted(signal);
  if (code !== 0) throw failure(what, said, code);
}

function failure(what: string, said: string, code: number | string): VitrineError {
  const words = redact(errorLine(said) || `exit code ${code}`);
  if (/No space left on device|Errno 28|Errno 122|quota exceeded/i.test(said)) {
    return new VitrineError({
      code: 'DISK_FULL',
      message: `The disk is full: pip, ${what}: ${words}`,
      hint: 'Free some space, or set VITRINE_HOME to another disk, and run "vitrine gpu install" again: what has come is kept.',
    });
  }
  const unknown = /No matching distribution|Could not find a version/i.test(said);
  return new VitrineError({
    code: 'DOWNLOAD_FAILED',
    message: `pip failed (${what}): ${words}`,
    hint: unknown
      ? 'The index that pip uses does not have it: "pip config list" shows which that is, PIP_INDEX_URL names another.'
      : 'Run "vitrine gpu install" again: what has come is kept. Proxies and mirrors are those of pip itself (pip config list).',
  });
}

/** Runs a program to its end; one that cannot be started has the system's code in place of its own. */
async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<{ code: number | string; said: string }> {
  // A group of its own: what is on PATH may be a script around the real one.
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  const hear = (chunk: string) => (said = (said + chunk).slice(-KEPT));
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    const [code, killed] = (await once(child, 'close')) as [number | null, string | null];
    return { code: code ?? killed ?? 1, said };
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    return { code, said: code === 'ENOENT' ? 'not found' : String((error as Error).message) };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function errorLine(said: string): string {
  const line = said.split('\n').findLast((each) => /^\s*(ERROR|OSError)/.test(each));
  return (line?.replace(/^\s*ERROR:\s*/, '') ?? lastLine(said)).slice(0, 300);
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)!.trim();
}

/** Bytes of all files in a folder, which may change meanwhile. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
