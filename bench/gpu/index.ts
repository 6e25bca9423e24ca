import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { glob } from 'tinyglobby';
import { loadConfig, mapLimit, packageRoot } from '../../lib/contracts';
import { cudaCards, cudaEnvironment } from '../../lib/runtime';
import { ask } from './card';
import { exportAll, isBiRefNet, layOut, NETWORKS, register } from './networks';
import { Results } from './results';
import type { SectionName } from './section';
import type { Settings } from './settings';
import { SPEED } from './speed';

const STEPS = 'Steps';
/** Seconds after which nothing new is begun. */
const SECONDS = Number(process.env.VITRINE_BENCH_SECONDS ?? 540);
/** Pixels that neighbours among the photos are cut apart. */
const SHIFT = 2;

/** How much longer sections may take on a CPU. */
const SLOWER = 4;

/** A section, the networks that it needs, and the seconds that it may take. */
interface Step {
  section: SectionName;
  args: string[];
  needs: string[];
  seconds: number;
}

/**
 * Everything that a graphics card is asked to prove, in one command; on the CPU where there is none. Each section runs
 * in a process of its own with a limit of its own, so that one that fails, hangs or dies costs only its own figures.
 *
 *   VITRINE_HOME             holds `models/isnet/isnet.onnx` (vitrine models pull isnet) and what `vitrine gpu install` brought, where there
 *   VITRINE_BENCH_CHECKOUTS  folder of the checkouts BiRefNet, DIS and U-2-Net (see pytorch.py), for BiRefNet and PyTorch
 *   VITRINE_BENCH_GRAPHS     folder that keeps BiRefNet's graphs for the next run
 *   VITRINE_BENCH_PYTHON     a python with what birefnet.py needs; default python3
 *   VITRINE_BENCH_OUT        folder for gpu.json and gpu.md, written as figures come
 *   VITRINE_BENCH_NETWORKS   some names of NETWORKS with commas between; default all on a card
 *   VITRINE_BENCH_SIZE       side of BiRefNet's picture; default 1024 on a card, 256 elsewhere
 *   VITRINE_BENCH_ROUNDS     photos of one caller; default 12 on a card, 2 elsewhere
 *   VITRINE_BENCH_SECONDS    for all of it; default 540
 */
export async function run(): Promise<void> {
  const began = performance.now();
  const left = () => SECONDS - (performance.now() - began) / 1000;
  // The sections' engines have homes of their own.
  Object.assign(process.env, cudaEnvironment(loadConfig().homeDir));
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const results = new Results(process.env.VITRINE_BENCH_OUT);
  const stop = new AbortController();
  try {
    const settings = await prepare(folder);
    const wanted = process.env.VITRINE_BENCH_NETWORKS?.split(',') ?? defaults(settings);
    await describe(settings, results);
    const ready = await layOut(wanted, settings);
    register(wanted, settings);
    const photo = settings.photos[0];
    const exported = exportAll(wanted, settings, photo, stop.signal, (name, outcome) => {
      if (!('failure' in outcome)) ready.push(name);
      results.add('BiRefNet with random weights', name, outcome);
    }).catch((error: Error) => results.add(STEPS, 'exports', { seconds: 0, outcome: error.message }));
    let waited = false;
    for (const step of plan(wanted, settings)) {
      if (step.needs.some(isBiRefNet) && !waited) {
        waited = true;
        await Promise.race([exported, timeout(Math.max(0, left() / 2))]);
      }
      await attempt(step, { ...settings, networks: ready }, left(), results);
    }
    compare(results);
    console.log(results.toString());
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is cheap and certain first: where the time ends early, the last is missing. */
function plan(wanted: string[], { device }: Settings): Step[] {
  const step = (section: SectionName, args: string[], seconds: number, needs = args): Step => ({
    ...{ section, args, needs, seconds },
  });
  const speed = (names: string[]) =>
    names.flatMap((name) => [step('bare', [name], 40), step('engine', [name], 60)]);
  const agree = (names: string[], count: string) =>
    names.map((name) => {
      const { like } = NETWORKS[name];
      const reference = like === 'isnet' ? 'isnet-fp16' : `${like}-fp32`;
      return step('agreement', [name, reference, count], 60, [name, reference]);
    });
  const tracking = step('tracking', [], 150);
  const builtIn = wanted.filter((name) => !isBiRefNet(name));
  const random = wanted.filter(isBiRefNet);
  const half = random.filter((name) => NETWORKS[name].half);
  const full = random.filter((name) => !NETWORKS[name].half);
  return [
    // Beside the exports, which would disturb a measurement of time.
    ...agree(builtIn, device === 'cuda' ? '7' : '2'),
    step('memoryShort', ['isnet-fp16'], 90),
    ...(device === 'cuda' ? [tracking] : []),
    step('pytorch', wanted, 80, []),
    ...speed(half),
    step('frontAndBack', ['isnet-fp16', 'u2netp-fp32'], 40),
    step('frontAndBack', ['isnet-fp16', 'birefnet-fp16'], 40),
    step('frontAndBack', ['isnet-fp16', 'birefnet-lite-fp16'], 40),
    ...speed(builtIn),
    step('choice', ['isnet-fp16', 'isnet-fp32'], 40),
    ...agree(random, '2'),
    ...speed(full),
    // A CPU takes minutes for it.
    ...(device === 'cuda' ? [] : [tracking]),
  ];
}

async function attempt(
  { section, args, needs, seconds }: Step,
  settings: Settings,
  left: number,
  results: Results,
): Promise<void> {
  const subject = `${section} ${section === 'pytorch' ? '' : args.join(' ')}`.trim();
  const missing = needs.filter((name) => !settings.networks.includes(name));
  if (section === 'pytorch' && !settings.checkouts) missing.push('the checkouts');
  if (missing.length) return results.add(STEPS, subject, { seconds: 0, outcome: `no ${missing.join(', ')}` });
  if (left < 5) return results.add(STEPS, subject, { seconds: 0, outcome: 'no time left' });
  const limit = Math.min(seconds * (settings.device === 'cuda' ? 1 : SLOWER), left);
  const start = performance.now();
  const child = fork(join(__dirname, 'section.js'), [section, JSON.stringify(settings), ...args], {
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr!.on('data', (chunk) => (words = (words + chunk).slice(-2000)));
  child.on('message', (row) => results.add(...(row as Parameters<Results['add']>)));
  const timer = setTimeout(() => killAll(child), limit * 1000);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  // Whatever it started and left behind.
  killAll(child);
  const took = (performance.now() - start) / 1000;
  const outcome =
    code === 0 ? 'done' : signal === 'SIGKILL' && took >= limit ? 'out of time' : reason(words, code, signal);
  results.add(STEPS, subject, { seconds: took.toFixed(1), outcome });
  console.log(`${subject}: ${outcome}, ${took.toFixed(1)} s`);
}

/** The section and its own children, which are one group. */
function killAll({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function reason(words: string, code: number | null, signal: string | null): string {
  const line = words.split('\n').findLast((each) => /error/i.test(each)) ?? words.trim().split('\n').at(-1);
  return `failed (${signal ?? code}): ${(line ?? '').trim().slice(0, 300)}`;
}

async function prepare(folder: string): Promise<Settings> {
  const device = cudaCards().length ? 'cuda' : 'cpu';
  const { VITRINE_BENCH_SIZE, VITRINE_BENCH_ROUNDS } = process.env;
  const rounds = Number(VITRINE_BENCH_ROUNDS ?? (device === 'cuda' ? 12 : 2));
  return {
    device,
    folder,
    graphs: process.env.VITRINE_BENCH_GRAPHS ?? join(folder, 'graphs'),
    networks: [],
    photos: await makePhotos(join(folder, 'photos'), 12 + 6 * rounds),
    python: process.env.VITRINE_BENCH_PYTHON ?? 'python3',
    checkouts: process.env.VITRINE_BENCH_CHECKOUTS,
    size: Number(VITRINE_BENCH_SIZE ?? (device === 'cuda' ? 1024 : 256)),
    rounds,
  };
}

/** Different photos out of the examples, each cut a little elsewhere; the packshots first. */
async function makePhotos(folder: string, count: number): Promise<string[]> {
  mkdirSync(folder);
  const found = await glob(['examples/packshots/*.jpg', 'examples/*/*.jpg'], {
    cwd: packageRoot,
    absolute: true,
  });
  const examples = found.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return mapLimit(Array.from({ length: count }), 4, undefined, async (_, i) => {
    const file = join(folder, `${i}.jpg`);
    const example = examples[i % examples.length];
    const { width, height } = await sharp(example).metadata();
    const left = SHIFT * Math.floor(i / examples.length);
    await sharp(example)
      .extract({ left, top: 0, width: width - left, height })
      .jpeg({ quality: 92 })
      .toFile(file);
    return file;
  });
}

function rank(example: string): number {
  return example.includes('packshots') ? 0 : 1;
}

/** The large ones take minutes and many gigabytes on a CPU. */
function defaults({ device }: Settings): string[] {
  const all = Object.keys(NETWORKS);
  return device === 'cuda' ? all : all.filter((name) => NETWORKS[name].like !== 'birefnet');
}

async function describe({ device, size, rounds }: Settings, results: Results): Promise<void> {
  const [name, driver, memory] = (await ask('name,driver_version,memory.total')) ?? [];
  results.add('Machine', 'this', {
    device,
    card: name ?? 'none',
    driver: driver ?? 'none',
    'card MB': memory ?? 0,
    processor: `${cpus().length} x ${cpus()[0].model}`,
    node: process.version,
    "BiRefNet's side": size,
    rounds,
  });
}

/** How our whole photo stands beside PyTorch's; the goal on a card is 1.15 at most. */
function compare(results: Results): void {
  for (const [name, row] of results.rows(SPEED)) {
    const [ours, theirs] = [Number(row['whole ms']), Number(row['PyTorch whole ms'])];
    if (ours && theirs) results.add(SPEED, name, { 'whole x PyTorch': (ours / theirs).toFixed(2) });
  }
}

function timeout(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
}
