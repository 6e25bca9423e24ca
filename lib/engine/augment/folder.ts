import { join } from 'node:path';
import {
  type AugmentParams,
  type AugmentResult,
  type Config,
  type PictureDone,
  type Progress,
  TARGETS,
  invalid,
} from '../../contracts';
import type { WorkerPool } from '../workers';
import { writeAside } from './aside';
import { folderOf, readBackgrounds } from './backgrounds';
import { batchesOf, cutsFor, cutsInstead } from './batches';
import { changesSince, circumstancesOf, staleOf } from './changes';
import { Companion } from './companion';
import { type Cutting, cutSources, cutterOf } from './cut';
import { Items } from './items';
import { makePictures } from './make';
import { readOriginals } from './originals';
import { Pace } from './pace';
import { type Digests, digestsOf } from './pipelines';
import { type Plan, planOf } from './plan';
import { Records } from './records';
import { writeReports } from './report';
import { scanDataset } from './scan';
import { State } from './state';

/**
 * Seconds that a task of a run may take at least, its time in the queue included: others may be before it. The run itself
 * has no end: what hangs is one of its tasks.
 */
const TASK_SECONDS = 1800;

/** What an answer says of where its data set lies. */
export type Where = Pick<AugmentResult, 'dataset_id' | 'dataset_path' | 'supabase'>;

/** A data set in a folder of this machine. */
export interface DatasetFolder {
  /** What it is called, and where it came from. */
  title: string;
  where: Where;
  /** A full path without links. */
  root: string;
  /** Names of pictures that count as if they were there, such as made ones that were not downloaded. */
  elsewhere?: readonly string[];
  /** Called with pictures that have just got into their place; it may take its time. */
  onMade?(made: readonly PictureDone[]): Promise<void> | void;
}

export interface FolderRun {
  params: AugmentParams;
  config: Config;
  pool: WorkerPool;
  signal: AbortSignal;
  onProgress(event: Progress): void;
}

/** The answer, and what the report for people is. */
export interface Filled {
  facts: Omit<AugmentResult, 'artifacts'>;
  /** Of the page; undefined where none was asked for. */
  report?: string;
}

interface Tools {
  digests: Digests;
  companion: Companion;
  records: Records;
}

/**
 * Tops a data set up to its targets. Only what is missing is made, and a picture depends on the seed, its number and its
 * source alone: a run that was broken off and the next one come to the same as one that was not.
 * @throws VitrineError NOT_FOUND for a data set without classes, DATASET_BUSY, INVALID_PARAMETER, CANCELLED; what no single
 *   picture is to blame for
 */
export async function augmentFolder(dataset: DatasetFolder, run: FolderRun): Promise<Filled> {
  if (/-augmentation$/.test(dataset.root)) throw ofOurs(dataset.root);
  const digests = await digestsOf(run.pool, run.params);
  const companion = await Companion.open(dataset.root, run.signal);
  let records: Records | undefined;
  try {
    records = await Records.open(companion.records);
    const signal = AbortSignal.any([run.signal, companion.signal]);
    return await fill(dataset, { ...run, signal }, { digests, companion, records });
  } catch (error) {
    // The loss of the lock is told in its own words, wherever it was noticed.
    throw companion.signal.aborted ? companion.signal.reason : error;
  } finally {
    await records?.close();
    await companion.close();
  }
}

async function fill(dataset: DatasetFolder, run: FolderRun, tools: Tools): Promise<Filled> {
  const { params, config, pool, signal } = run;
  const { digests, companion, records } = tools;
  const { root, elsewhere } = dataset;
  const clock = new Clock();
  const pace = new Pace(run.onProgress);
  const timeoutSeconds = Math.max(TASK_SECONDS, config.jobTimeoutSeconds);
  const state = await State.read(companion.root);

  const looking = {
    ...{ pool, state, signal, folder: companion.making, maxBytes: config.limits.maxBytes },
    onProgress: (done: number, total: number) => pace.tell('scan', done, total),
  };
  const path = params.backgrounds_path;
  const backgroundsRoot = path === undefined ? undefined : await folderOf('backgrounds_path', path);
  const scan = await scanDataset(root, { except: backgroundsRoot, elsewhere });
  const backgrounds = await readBackgrounds(backgroundsRoot, looking);
  const classes = await readOriginals(root, scan.classes, looking);
  const plan = planOf(classes, params);
  const cutter = await cutterOf(pool, params);
  const now = circumstancesOf(plan, params, { digests, backgrounds: backgrounds.pictures, cutter });
  const changes = changesSince(state.last, now);
  const items = new Items(plan.classes);
  clock.lap('scan_ms');

  const cutting: Cutting = {
    ...{ root, companion, state, pool, params, cutter, timeoutSeconds, signal },
    onProgress: (done, total, event) => (event ? pace.pass(event) : pace.tell('cut', done, total)),
  };
  await cutSources(cutsFor(plan, params), cutting);
  await cutSources(cutsInstead(plan, state, params.include_unsure), cutting);
  for (const each of plan.classes) items.doubt(each, state, params.include_unsure);
  for (const [upc, words] of staleOf(plan, { params, digests, records, state }))
    items.of(upc).warnings.push(words);
  clock.lap('cut_ms');

  const batches = batchesOf({ plan, params, state, items });
  const wanted = batches.reduce((sum, { requests }) => sum + requests.length, 0);
  const workers = Math.min(params.workers ?? Infinity, pool.mostAtOnce('augment'));
  const readable = classes.flatMap((each) => each.readable);
  if (wanted) pace.tell('make', 0, wanted);
  let ended = 0;
  await makePictures(batches, {
    ...{ root, companion, records, pool, params, workers, timeoutSeconds, signal, backgrounds },
    originals: new Map(readable.map(({ sha256, file }) => [sha256, join(root, file)])),
    onMade: async (made) => {
      for (const each of made) items.made(each);
      pace.tell('make', (ended += made.length), wanted);
      await dataset.onMade?.(made);
    },
    onFailed: ({ upc, file }, reason) => {
      items.failed(upc, { file, reason });
      pace.tell('make', ++ended, wanted);
    },
  });
  clock.lap('make_ms');

  const there = await scanDataset(root, { except: backgroundsRoot, elsewhere });
  await records.tidy(new Set(there.classes.flatMap(({ made }) => TARGETS.flatMap((target) => made[target]))));
  const warnings = [
    ...scan.warnings,
    ...backgrounds.warnings,
    ...(await writeAside(root, plan, params, { ...tools, state })),
  ];
  state.backgrounds = backgroundsRoot ?? state.backgrounds;
  await state.write(now);
  const { totals, all } = items;
  const { make_ms } = clock.spent;
  const made = totals.syn.produced + totals.real.produced;
  const facts: Filled['facts'] = {
    ...{ status: 'success', type: 'augmentation', dataset_id: dataset.where.dataset_id },
    ...{ syn_produced: totals.syn.produced, real_produced: totals.real.produced },
    report: { totals, items: all },
    ...{ ...dataset.where, augmentation_path: companion.root, seed: params.seed, changes, split: plan.split },
    ...{ ...cutBy(plan, state), workers, warnings },
    metrics: {
      ...{ elapsed_ms: clock.elapsed, ...clock.spent },
      pictures_per_second: made ? Math.round((made / make_ms) * 10_000) / 10 : 0,
    },
  };
  if (!params.report) return { facts };
  const { title } = dataset;
  return {
    facts,
    report: await writeReports(facts, { root, title, companion, pool, timeoutSeconds, signal }),
  };
}

/** What cut the sources; of several the one that cut most. */
function cutBy(plan: Plan, { cutouts }: State): Pick<AugmentResult, 'model' | 'device'> {
  const counts = new Map<string, { count: number } & Pick<AugmentResult, 'model' | 'device'>>();
  for (const { sha256 } of plan.classes.flatMap((each) =>
    TARGETS.flatMap((target) => each[target].sources),
  )) {
    const known = cutouts.get(sha256);
    if (!known || 'error' in known) continue;
    const { model, device } = known;
    counts.set(model, { model, device, count: (counts.get(model)?.count ?? 0) + 1 });
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return { model: most?.model ?? null, device: most?.device ?? null };
}

function ofOurs(root: string) {
  const hint = 'Name the data set itself: its folder is called so without -augmentation.';
  return invalid('dataset_path', 'a data set', root, hint);
}

class Clock {
  private readonly began = performance.now();
  private last = this.began;
  readonly spent = { scan_ms: 0, cut_ms: 0, make_ms: 0 };

  get elapsed(): number {
    return Math.round(performance.now() - this.began);
  }

  lap(part: keyof Clock['spent']): void {
    const now = performance.now();
    this.spent[part] = Math.round(now - this.last);
    this.last = now;
  }
}
