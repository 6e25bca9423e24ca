import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mapLimit, packagedModelsDir, packagedRegistryFile, packageRoot } from '../../lib/contracts';
import { cutForCpu, derive } from '../../lib/models/onnx';
import type { Settings } from './settings';

const run = promisify(execFile);

type Place = Pick<Settings, 'folder' | 'graphs' | 'size' | 'python' | 'checkouts' | 'device'>;

/** A network of the bench: whose entry of the registry it takes, and what differs. */
interface Network {
  like: 'isnet' | 'u2netp' | 'birefnet' | 'birefnet-lite';
  half?: boolean;
}

/** In the order of measuring. */
export const NETWORKS: Record<string, Network> = {
  'isnet-fp16': { like: 'isnet', half: true },
  'isnet-fp32': { like: 'isnet' },
  'u2netp-fp32': { like: 'u2netp' },
  'birefnet-lite-fp16': { like: 'birefnet-lite', half: true },
  'birefnet-fp16': { like: 'birefnet', half: true },
  'birefnet-lite-fp32': { like: 'birefnet-lite' },
  'birefnet-fp32': { like: 'birefnet' },
};

export const isBiRefNet = (name: string) => NETWORKS[name].like.startsWith('birefnet');

/** The id under which a network can be asked for. */
export const idOf = (name: string) => `bench-${name}`;

export const fileOf = ({ folder }: Pick<Settings, 'folder'>, name: string) =>
  join(folder, 'models', `${name}.onnx`);

/**
 * Lays ISNet and U²-Net out of the user's models folder, or the package, into the bench's own.
 * @returns the names of those that are there
 */
export async function layOut(names: string[], place: Place): Promise<string[]> {
  const from =
    process.env.VITRINE_MODELS_DIR ?? join(process.env.VITRINE_HOME ?? join(homedir(), '.vitrine'), 'models');
  mkdirSync(join(place.folder, 'models'), { recursive: true });
  const made: string[] = [];
  for (const name of names.filter((each) => !isBiRefNet(each))) {
    const { like, half } = NETWORKS[name];
    const original = [from, packagedModelsDir]
      .map((models) => join(models, like, `${like}.onnx`))
      .find((path) => existsSync(path));
    if (!original) continue;
    const file = fileOf(place, name);
    copyFileSync(original, file);
    // ISNet's float32 is the copy that is made for CPUs.
    if (like === 'isnet' && !half) copyFileSync((await derive(file, cutForCpu('output'))).file, file);
    made.push(name);
  }
  return made;
}

/**
 * Makes BiRefNet's graphs with random weights where they are not there yet; needs the checkouts. On a card's machine all
 * at once, since each is one thread's work; one after the other elsewhere, since each takes several gigabytes.
 * @param photo the weights behave like trained ones on it
 * @param made told each name and what is known of its graph, or why it could not be made
 */
export async function exportAll(
  names: string[],
  place: Place,
  photo: string,
  signal: AbortSignal,
  made: (name: string, outcome: Record<string, string | number>) => void,
): Promise<void> {
  const wanted = names.filter(isBiRefNet);
  // One export makes both precisions.
  const kinds = [...new Set(wanted.map(kindOf))];
  mkdirSync(place.graphs, { recursive: true });
  await mapLimit(kinds, place.device === 'cuda' ? kinds.length || 1 : 1, undefined, async (kind) => {
    const mine = wanted.filter((name) => kindOf(name) === kind);
    const out = join(place.graphs, `${kind}-${place.size}`);
    const file = (name: string) => `${out}.${NETWORKS[name].half ? 'fp16' : 'fp32'}.onnx`;
    let known: Record<string, string | number> = {};
    if (!mine.every((name) => existsSync(file(name)))) {
      if (!place.checkouts) return;
      const { like } = NETWORKS[mine[0]];
      const args = ['-W', 'ignore', script('networks.py'), place.checkouts, photo, out];
      const options = ['--network', like, '--size', String(place.size)];
      try {
        const { stdout } = await run(place.python, [...args, ...options], { signal });
        known = JSON.parse(stdout.trim().split('\n').at(-1)!) as typeof known;
      } catch (error) {
        known = { failure: lastLine(error) };
      }
    }
    for (const name of mine) {
      if (!known.failure) symlinkSync(file(name), fileOf(place, name));
      made(name, known);
    }
  });
}

/** What its graphs are called without their precision. */
function kindOf(name: string): string {
  return NETWORKS[name].like;
}

/** Describes these networks in the bench's models folder. */
export function register(names: string[], place: Place): void {
  const { models } = JSON.parse(readFileSync(packagedRegistryFile, 'utf8')) as {
    models: { id: string; input: object }[];
  };
  const entries = names.map((name) => {
    const { like, half } = NETWORKS[name];
    const entry = models.find(({ id }) => id === like)!;
    return {
      ...entry,
      id: idOf(name),
      files: [{ sources: [`file:${name}.onnx`] }],
      input: isBiRefNet(name) ? { ...entry.input, size: place.size } : entry.input,
      devices: ['cuda', 'cpu'],
      variants: [],
      // As the registry has it for ISNet: the CPU computes in float32.
      derive: like === 'isnet' && half,
      gated: false,
      rank: undefined,
      notes: undefined,
    };
  });
  writeFileSync(join(place.folder, 'models', 'registry.local.json'), JSON.stringify({ models: entries }));
}

export function script(name: string): string {
  return join(packageRoot, 'bench', 'gpu', name);
}

function lastLine(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return (stderr.trim().split('\n').at(-1) || message).slice(0, 300);
}
