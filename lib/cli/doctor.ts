import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { type Config, loadConfig, packVersion, packageRoot } from '../contracts';
import { engineClient } from '../engine/client';
import { thisHost } from '../runtime';
import { readDotEnv } from './dotenv';
import { cuda, devices, libc } from './doctor-devices';
import { engineFindings } from './doctor-engine';
import { hub, models, speeds } from './doctor-models';
import type { Finding } from './finding';
import { EXIT, printJson } from './output';

const run = promisify(execFile);
const ENOUGH_DISK_GB = 5;

/** `vitrine doctor`: looks at everything that can be missing and names the next step. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check this machine and name the next step for each thing missing')
    .option('--engine <url>', 'look at an engine elsewhere; its token is taken from VITRINE_TOKEN')
    .option('--token-file <file>', 'a file that holds the token of that engine')
    .option('--json', 'print one JSON object per check')
    .action(doctor);
}

async function doctor({
  json,
  engine: url,
  tokenFile,
}: {
  json?: boolean;
  engine?: string;
  tokenFile?: string;
}): Promise<void> {
  readDotEnv();
  const findings = url === undefined ? await thisMachine() : await engineFindings(url, tokenFile);
  for (const finding of findings) {
    if (json) printJson(finding);
    else process.stdout.write(format(finding));
  }
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = EXIT.failed;
}

async function thisMachine(): Promise<Finding[]> {
  const config = loadConfig();
  const checks: (Finding | Finding[] | Promise<Finding | Finding[]>)[] = [
    node(),
    libc(),
    pictures(),
    inference(),
    devices(thisHost(config.homeDir)),
    cuda(config.homeDir),
    home(config),
    disk(config),
    models(config),
    speeds(config),
    hub(config),
    engine(),
  ];
  return (await Promise.all(checks)).flat();
}

function format({ check, status, detail, next }: Finding): string {
  const mark = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }[status];
  return `${mark}  ${check.padEnd(10)}  ${detail}\n${next ? `${' '.repeat(18)}-> ${next}\n` : ''}`;
}

async function node(): Promise<Finding> {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  const detail = `Node ${process.versions.node} on ${process.platform} ${process.arch}, Vitrine ${packVersion}`;
  return enough
    ? { check: 'node', status: 'ok', detail }
    : { check: 'node', status: 'fail', detail, next: 'Install Node 20.19 or newer.' };
}

/** Native packages are tried in a process of their own: a broken one can take it down. */
async function tryNative(script: string): Promise<{ out?: string; failure?: string }> {
  try {
    const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
    const { stdout } = await run(process.execPath, ['-e', script], {
      cwd: packageRoot,
      env,
      timeout: 30_000,
    });
    return { out: stdout.trim() };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { failure: /Error: (.+)/.exec(stderr ?? '')?.[1] ?? message.split('\n')[0] };
  }
}

async function pictures(): Promise<Finding> {
  const { out, failure } = await tryNative(`console.log(require('sharp').versions.vips)`);
  if (out) return { check: 'pictures', status: 'ok', detail: `libvips ${out}` };
  const next = 'Install the pack again on this very machine; sharp brings a build for each system.';
  return { check: 'pictures', status: 'fail', detail: `sharp does not load: ${failure}`, next };
}

async function inference(): Promise<Finding> {
  const script = `console.log(require('onnxruntime-node').listSupportedBackends().filter((b) => b.bundled).map((b) => b.name).join(', '))`;
  const { out, failure } = await tryNative(script);
  if (out) return { check: 'inference', status: 'ok', detail: `onnxruntime with ${out}` };
  const next =
    'Networks run in WebAssembly instead, about five times slower. For full speed use a glibc system (not Alpine) on x64 or arm64, or a remote engine.';
  return { check: 'inference', status: 'warn', detail: `onnxruntime does not load: ${failure}`, next };
}

async function home({ homeDir }: Config): Promise<Finding> {
  const probe = join(homeDir, `.probe-${process.pid}`);
  try {
    await mkdir(homeDir, { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
    return { check: 'home', status: 'ok', detail: `${homeDir} can be written` };
  } catch (error) {
    const next = 'Give this user the folder, or set VITRINE_HOME to one that it may write.';
    return { check: 'home', status: 'fail', detail: `${homeDir}: ${(error as Error).message}`, next };
  }
}

async function disk({ tempDir }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(tempDir);
  const free = (bavail * bsize) / 1e9;
  const detail = `${free.toFixed(1)} GB free for temporary files in ${tempDir}`;
  if (free >= ENOUGH_DISK_GB) return { check: 'disk', status: 'ok', detail };
  return {
    check: 'disk',
    status: 'warn',
    detail,
    next: 'Free some space, or set VITRINE_TEMP_DIR to another disk.',
  };
}

async function engine(): Promise<Finding> {
  try {
    const { version, queue } = await engineClient().health();
    return {
      check: 'engine',
      status: 'ok',
      detail: `${version} runs here, ${queue.running} jobs running, ${queue.waiting} waiting`,
    };
  } catch {
    return {
      check: 'engine',
      status: 'ok',
      detail: 'none runs on this machine now; the first n8n job starts one',
    };
  }
}
