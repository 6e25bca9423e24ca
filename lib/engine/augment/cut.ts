import { createHash } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AugmentParams,
  type ErrorCode,
  type Outline,
  type Progress,
  type Source,
  type Target,
  VitrineError,
  mapLimit,
  packVersion,
} from '../../contracts';
import { whenThereIsRoom } from '../when-there-is-room';
import type { WorkerPool } from '../workers';
import type { Companion } from './companion';
import type { Original } from './originals';
import type { TargetPlan } from './plan';
import type { CutKnown, State } from './state';

/** What is the picture's own fault: the others can be cut all the same. */
const ITS_OWN: readonly ErrorCode[] = [
  ...(['NO_SUBJECT', 'CLUTTERED_BACKGROUND', 'INVALID_IMAGE', 'TOO_LARGE'] as const),
  ...(['UNSUPPORTED_FORMAT', 'UNSURE_CUTOUT', 'WORKER_DIED', 'DEADLINE_EXCEEDED', 'INTERNAL'] as const),
];
/** What may be otherwise the next time. */
const PASSES: readonly ErrorCode[] = ['WORKER_DIED', 'DEADLINE_EXCEEDED', 'INTERNAL'];
/** Cuts after which what was found out is written down. */
const NOTED_EVERY = 20;

export interface Cutting {
  root: string;
  companion: Companion;
  state: State;
  pool: WorkerPool;
  params: AugmentParams;
  /** As `cutterOf` gives it. */
  cutter: string;
  timeoutSeconds: number;
  signal: AbortSignal;
  onProgress(done: number, total: number, event?: Progress): void;
}

/** What cuts: the model that was asked for, and where that is `auto`, the networks that there are. */
export async function cutterOf(pool: WorkerPool, { model }: AugmentParams): Promise<string> {
  const models = model === 'auto' ? await pool.ask('models', {}) : [];
  const here = models.filter(({ available, task }) => available && task === 'cutout').map(({ id }) => id);
  return here.length ? `${model}: ${here.sort().join(', ')}` : model;
}

/** By what a cutout is known to be one that would come out the same. */
function keyOf({ cutter, params: { size } }: Cutting): string {
  const asked = JSON.stringify([cutter, size ?? null, packVersion]);
  return createHash('sha256').update(asked).digest('hex').slice(0, 16);
}

/**
 * Cuts sources out, each once; cutouts of earlier runs are taken where they would come out the same. One that cannot be
 * cut is known by that, and stops no other.
 * @throws VitrineError what is not the picture's own fault, such as MODEL_MISSING; DISK_FULL, CANCELLED
 */
export async function cutSources(sources: readonly Original[], cutting: Cutting): Promise<void> {
  const { companion, state, pool, params, signal, onProgress, root, timeoutSeconds } = cutting;
  const key = keyOf(cutting);
  const each = [...new Map(sources.map((source) => [source.sha256, source])).values()];
  const open: Original[] = [];
  for (const source of each) if (!(await isCut(source, state, key, companion))) open.push(source);
  if (open.length) onProgress(0, open.length);
  let done = 0;
  const { model, device, strict_device } = params;
  await mapLimit(open, pool.mostAtOnce('cutout'), signal, async ({ file, sha256, survey }, _, either) => {
    const input = {
      file: join(root, file),
      border: survey.border,
      params: { model, device, strict_device },
      to: cutoutOf(companion, sha256),
      size: params.size,
    };
    const options = {
      folder: companion.making,
      signal: either,
      timeoutSeconds,
      onProgress: (event: Progress) => onProgress(done, open.length, event),
    };
    try {
      const cut = await whenThereIsRoom(either, () => pool.run('cutout', input, options));
      state.cutouts.set(sha256, { key, size: params.size, ...cut });
    } catch (thrown) {
      const error = VitrineError.from(thrown);
      if (either.aborted || !ITS_OWN.includes(error.code)) throw thrown;
      await rm(cutoutOf(companion, sha256), { force: true });
      state.cutouts.set(sha256, { key, error: error.toJSON() });
    }
    done++;
    onProgress(done, open.length);
    if (done % NOTED_EVERY === 0) await state.write();
  });
  if (open.length) await state.write();
}

export function cutoutOf(companion: Companion, sha256: string): string {
  return join(companion.cutouts, `${sha256}.png`);
}

async function isCut(
  { sha256 }: Original,
  { cutouts }: State,
  key: string,
  companion: Companion,
): Promise<boolean> {
  const known = cutouts.get(sha256);
  if (known?.key !== key) return false;
  if ('error' in known) return !PASSES.includes(known.error.code);
  return access(cutoutOf(companion, sha256)).then(
    () => true,
    () => false,
  );
}

/** What is known of a cutout, in the words of the report; undefined for a good one. */
export function doubtOf(known: CutKnown | undefined): { reason: string; confidence: number } | undefined {
  if (!known) return { reason: 'it was not cut out', confidence: 0 };
  if ('error' in known) return { reason: known.error.message, confidence: 0 };
  if (!known.unsure) return undefined;
  return { reason: known.warnings.join(' ') || 'The cut is unsure', confidence: known.confidence };
}

/** A source as pictures are made of it; without a cutout where there is none that may be used. */
export function asSource(original: Original, { cutouts }: State, includeUnsure: boolean): Source {
  const { file, sha256, upc, survey } = original;
  const known = cutouts.get(sha256);
  const usable = known && !('error' in known) && (includeUnsure || !known.unsure);
  const { width, height, border } = survey;
  return { name: file, sha256, upc, width, height, border, cut: usable ? known.model : null };
}

/** Where the product of an original is; undefined where that is not known, or not for sure. */
export function usableOutline(
  { sha256 }: Original,
  { cutouts }: State,
  includeUnsure: boolean,
): Outline | undefined {
  const known = cutouts.get(sha256);
  if (!known || 'error' in known || (known.unsure && !includeUnsure)) return undefined;
  return known.outline ?? undefined;
}

/** Those whose cutouts may stand in compositions. */
export function composable(
  originals: readonly Original[],
  state: State,
  includeUnsure: boolean,
): readonly Original[] {
  return originals.filter((each) => asSource(each, state, includeUnsure).cut !== null);
}

/**
 * What pictures of a target can be made of. Synthetic ones: cutouts; where none is good enough, those of real photos; and
 * where there are none either, the photos as they are, without a composition.
 */
export function usableFor(
  target: Target,
  { sources, fallback }: Pick<TargetPlan, 'sources' | 'fallback'>,
  state: State,
  includeUnsure: boolean,
): readonly Original[] {
  if (target === 'real') return sources;
  const cut = [sources, fallback].map((some) => composable(some, state, includeUnsure));
  return [...cut, sources].find((some) => some.length) ?? [];
}
