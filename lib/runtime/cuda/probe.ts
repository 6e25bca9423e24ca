import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { builtFile } from '../../contracts';
import { firstLine } from '../ort';
import { libraryPath } from './environment';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** What became of loading onnxruntime's CUDA build and running a small network in it. */
export interface Probed {
  /** Libraries that the system's linker does not find, or not what they need. */
  lost: string[];
  /** Why the CPU did not compute by this build; undefined when it did. */
  cpu?: string;
  /** Why the card did not; undefined when it did, with the CPU's values. */
  cuda?: string;
}

/** The driver's library, which no package brings. */
export const DRIVER_LIBRARY = 'libcuda.so.1';

/**
 * Really loads the libraries, in a process of its own.
 * @param folder of onnxruntime's libraries
 * @param names of libraries that shall be found
 */
export async function probeCuda(folder: string, names: readonly string[]): Promise<Probed> {
  const env = { ...process.env, ...libraryPath(folder), ORT_DISABLE_TELEMETRY: '1' };
  const args = [builtFile('lib/runtime/cuda/probe-main.js'), ...names];
  try {
    const { stdout, stderr } = await run(process.execPath, args, { env, timeout: TIMEOUT_MS });
    const probed = JSON.parse(stdout) as Probed;
    // What a library lacks stands in onnxruntime's log only.
    const lacks = /(\S+: cannot open shared object file)/.exec(stderr)?.[1];
    const cuda = probed.cuda && (lacks ?? firstLine(probed.cuda));
    return { ...probed, cuda };
  } catch (error) {
    const { stderr = '', signal, message } = error as Error & { stderr?: string; signal?: string };
    const reason = /Error: (.+)/.exec(stderr)?.[1] ?? (signal ? `it ended by ${signal}` : firstLine(message));
    return { lost: [], cpu: reason, cuda: reason };
  }
}
