import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { cancelled, loadConfig, VitrineError } from '../contracts';
import {
  CUDA_PACK,
  type CudaState,
  cudaState,
  downloadBytes,
  DRIVER_LIBRARY,
  findPip,
  installCuda,
  leftoverBytes,
  lookForNvidia,
  type Nvidia,
  obstacle,
  type Pip,
  type Probed,
  removeCuda,
  systemObstacle,
  tryCuda,
  unpackedBytes,
} from '../runtime';
import { readDotEnv } from './dotenv';
import { DownloadBar, megabytes } from './download-bar';
import { interruptible } from './interrupt';
import { printJson, say } from './output';

interface Options {
  json?: boolean;
  yes?: boolean;
}

/** `vitrine gpu`: what an NVIDIA card needs besides its driver. */
export function gpuCommand(): Command {
  const gpu = new Command('gpu').description('What an NVIDIA card needs besides its driver, on this machine');
  const json = ['--json', 'print one JSON object, and nothing else on stdout'] as const;
  gpu
    .command('install')
    .description(
      `Fetch the CUDA ${CUDA_PACK.cuda} libraries by Python's pip into VITRINE_HOME, or what is missing of them`,
    )
    .option('--yes', 'do not ask before the download')
    .option(...json)
    .action(told(install));
  gpu
    .command('status')
    .description('Driver, cards and libraries, and whether a network runs on them')
    .option(...json)
    .action(told(status));
  gpu
    .command('remove')
    .description('Delete the CUDA libraries, unfinished downloads too')
    .option(...json)
    .action(told(remove));
  return gpu;
}

/** With --json a failure, too, is an object on stdout. */
function told(work: (options: Options) => Promise<void>): (options: Options) => Promise<void> {
  return (options) =>
    work(options).catch((thrown: unknown) => {
      if (options.json) printJson({ error: VitrineError.from(thrown) });
      throw thrown;
    });
}

async function install({ json, yes }: Options): Promise<void> {
  readDotEnv();
  const { homeDir: home, python } = loadConfig();
  const system = systemObstacle();
  if (system) throw system;
  const nvidia = await lookForNvidia();
  say(aboutCards(nvidia));
  const unusable = obstacle(nvidia, CUDA_PACK);
  if (unusable) throw unusable;
  const { state, folder } = cudaState(home);
  const changed = state !== 'ready';
  if (changed) await fetchAll(home, folder, await findPip(python), !yes && !json);
  else say('Loading them …');
  const probed = await tryCuda(home);
  const { bytes } = cudaState(home);
  if (json) {
    printJson({ folder, bytes, onnxruntime: CUDA_PACK.onnxruntime, changed, ...nvidia, ...verdict(probed) });
    return;
  }
  say(`${changed ? 'Installed' : 'Nothing to do, all is there'}: ${megabytes(bytes)} MB in ${folder}`);
  say(outcome(probed));
  if (changed)
    say(
      'An engine that runs now uses them once it is started anew; the one that n8n started ends when idle.',
    );
}

/** @param ask whether to wait for a yes */
async function fetchAll(home: string, folder: string, pip: Pip, ask: boolean): Promise<void> {
  const kept = await leftoverBytes(home);
  say(`Python's ${pip.about}`);
  const [fetched, left] = [downloadBytes(CUDA_PACK), unpackedBytes(CUDA_PACK)].map(megabytes);
  say(
    `CUDA ${CUDA_PACK.cuda} and onnxruntime ${CUDA_PACK.onnxruntime}: ${fetched} MB to download, at most ${left} MB to keep in ${folder}` +
      (kept ? `; ${megabytes(kept)} MB of an earlier run are here` : ''),
  );
  if (ask) await confirm();
  const bar = new DownloadBar();
  const onStep = (step: string) => {
    bar.stop();
    say(`${step} …`);
  };
  const onDownload = (bytes: number, total: number) => bar.update('the CUDA libraries', bytes, total);
  try {
    await interruptible((signal) => installCuda({ home, pip, signal, onDownload, onStep }));
  } finally {
    bar.stop();
  }
}

async function status({ json }: Options): Promise<void> {
  readDotEnv();
  const { homeDir: home, python } = loadConfig();
  const nvidia = await lookForNvidia();
  const here = cudaState(home);
  const unfinished = await leftoverBytes(home);
  const unusable = systemObstacle() ?? obstacle(nvidia, CUDA_PACK);
  const probed = here.state === 'ready' ? await tryCuda(home) : undefined;
  const pip = await findPip(python).then(
    ({ about }) => about,
    () => undefined,
  );
  if (json) {
    const needed = CUDA_PACK.onnxruntime;
    printJson({
      ...here,
      needed,
      unfinished,
      ...nvidia,
      pip,
      obstacle: unusable,
      ...(probed && verdict(probed)),
    });
    return;
  }
  say(aboutCards(nvidia));
  say(pip ? `Python's ${pip}` : 'No pip of Python is here, which "vitrine gpu install" needs.');
  say(aboutLibraries(here));
  if (unfinished)
    say(`${megabytes(unfinished)} MB of an installation that did not end are kept for the next.`);
  if (unusable) {
    say(unusable.message);
    say(`  ${unusable.hint}`);
  } else if (probed) {
    say(outcome(probed));
  }
}

async function remove({ json }: Options): Promise<void> {
  readDotEnv();
  const freed = await removeCuda(loadConfig().homeDir);
  if (json) printJson({ freed });
  else say(freed ? `Removed, ${megabytes(freed)} MB free again` : 'Nothing was here');
}

/** @throws VitrineError CANCELLED for any answer but yes; asks nobody where nobody can answer */
async function confirm(): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('Download them now? [Y/n] ');
    if (answer && !/^y(es)?$/i.test(answer.trim())) throw cancelled();
  } finally {
    terminal.close();
  }
}

function aboutCards({ driver, cards }: Nvidia): string {
  if (driver === undefined) {
    return `No NVIDIA driver is loaded on this machine; ${CUDA_PACK.driver} or newer is needed to use what is installed here.`;
  }
  const each = cards.map(({ name, capability }) =>
    capability === undefined ? name : `${name} (compute capability ${capability.toFixed(1)})`,
  );
  return `NVIDIA driver ${driver}: ${each.join(', ') || 'no card'}`;
}

function aboutLibraries({ state, folder, bytes, onnxruntime, reason }: CudaState): string {
  if (state === 'absent') return `CUDA libraries: none in ${folder}. "vitrine gpu install" brings them.`;
  const what = `CUDA libraries: ${megabytes(bytes)} MB in ${folder}, onnxruntime ${onnxruntime ?? 'unknown'}`;
  if (state === 'ready') return what;
  return `${what}, ${state}: ${reason}. Run "vitrine gpu install" again.`;
}

/** What the trial means, for programs. */
function verdict({ lost, cuda }: Probed): { usable: boolean; missing: string[]; reason?: string } {
  return { usable: !lost.length && cuda === undefined, missing: lost, reason: cuda };
}

/** What the trial means, for people. */
function outcome({ lost, cuda }: Probed): string {
  if (cuda === undefined && !lost.length)
    return 'A network ran on the card and computed what the CPU computes.';
  if (!lost.length) return `The libraries load, but no network runs on a card: ${cuda}`;
  if (lost.every((name) => name === DRIVER_LIBRARY))
    return `Everything is in place; only the NVIDIA driver is missing (${DRIVER_LIBRARY}), ${CUDA_PACK.driver} or newer. In a container, start it with the card (--gpus all).`;
  return `Libraries do not load: ${lost.join(', ')}. Run "vitrine gpu remove", then "vitrine gpu install".`;
}
