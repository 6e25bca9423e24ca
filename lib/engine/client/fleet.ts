import { VitrineError, type JobName } from '../../contracts';
import { pause } from './clock';
import { lookAt } from './health';
import type { Engine } from './transport';
import type { EngineHealth } from './types';

/** Milliseconds that a look at an engine is good for; jobs that were given to it since are added. */
const FRESH_MS = 250;
/** Milliseconds in which an engine has to say how it is, when there are others. */
const PATIENCE_MS = 700;
/** The same when none has answered. */
const LAST_PATIENCE_MS = 3_000;
/** Bytes of disk without which an engine is asked only where no other is. */
const ENOUGH_DISK = 256 * 1024 ** 2;
/** Seconds that a job is taken to need as long as no engine has done one of its kind. */
const UNKNOWN_SECONDS = 1;
/** Seconds in which a measured time loses two thirds of its weight against the quickest engine's. */
const FADING_SECONDS = 600;

/** What this process knows of an address. */
interface Sight {
  health?: EngineHealth;
  /** Why there is no health. */
  reason?: VitrineError;
  /** When the question left that `health` answers. */
  askedAt: number;
  asking?: Promise<void>;
  /** Jobs of this process that were sent since then, and those that are there. */
  given: number;
  inFlight: number;
  /** By route, when the engine may be asked again that has refused. */
  notBefore: Map<string, number>;
}

/** Of all clients in this process: n8n makes one for each run of a node. */
const sights = new Map<string, Sight>();

/** What a job asks of an engine. */
export interface Wish {
  job: JobName;
  route: string;
  /** Ids of models; those that no engine has count for nothing. */
  models: readonly string[];
}

/**
 * The engine that will be done first: the least `seconds for such a job x jobs that it has to do`, among those that
 * answer, have room on their disks and have the models. Waits where all of them have asked to be left alone.
 * @param onWait told before it waits
 * @throws VitrineError ENGINE_UNREACHABLE, ENGINE_RETIRING where none takes jobs; the reason of the signal
 */
export async function chooseEngine(
  engines: readonly Engine[],
  wish: Wish,
  signal: AbortSignal,
  onWait: (message: string) => void,
): Promise<Engine> {
  for (;;) {
    const fit = fittest(await healthy(engines, signal), wish);
    const now = performance.now();
    const waits = fit.map((engine) => (sightOf(engine).notBefore.get(wish.route) ?? 0) - now);
    const free = fit.filter((_, index) => waits[index] <= 0);
    if (free.length) return soonest(free, wish);
    onWait(fit.length > 1 ? 'All engines are busy; waiting' : `${fit[0].url} is busy; waiting`);
    await pause(Math.min(...waits), signal);
  }
}

/** Counts a job as being on an engine while `work` runs. */
export async function onEngine<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  const sight = sightOf(engine);
  sight.given += 1;
  sight.inFlight += 1;
  try {
    return await work();
  } finally {
    sight.inFlight -= 1;
  }
}

/** The engine asks to be left alone with jobs of this route. */
export function postpone(engine: Engine, { route }: Wish, seconds: number): void {
  sightOf(engine).notBefore.set(route, performance.now() + seconds * 1000);
}

/**
 * The engines that answer. Those that did not the last time are asked again, and waited for only where no other
 * answers: a dead one costs nothing after the first time, and is back with the next job once it answers.
 * @throws VitrineError ENGINE_UNREACHABLE, ENGINE_RETIRING where there is none
 */
export async function healthy(engines: readonly Engine[], signal?: AbortSignal): Promise<Engine[]> {
  const answering = () => engines.filter((engine) => sightOf(engine).health);
  const looks = new Map(engines.map((engine) => [engine, look(engine, PATIENCE_MS)]));
  const hopeful = engines.filter((engine) => !sightOf(engine).reason);
  await unlessAborted(Promise.all(hopeful.map((engine) => looks.get(engine))), signal);
  if (!answering().length) await unlessAborted(Promise.all(looks.values()), signal);
  if (!answering().length)
    await unlessAborted(Promise.all(engines.map((engine) => look(engine, LAST_PATIENCE_MS))), signal);
  const found = answering();
  if (found.length) return found;
  throw noneOf(engines);
}

/** Asks an engine how it is, unless it was just asked; for all who want to know. */
async function look(engine: Engine, patienceMs: number): Promise<void> {
  const sight = sightOf(engine);
  if (sight.health && performance.now() - sight.askedAt < FRESH_MS) return;
  sight.asking ??= ask(engine, sight, patienceMs).finally(() => (sight.asking = undefined));
  await sight.asking;
}

async function ask(engine: Engine, sight: Sight, patienceMs: number): Promise<void> {
  const askedAt = performance.now();
  const { given } = sight;
  try {
    const health = await lookAt(engine, { patienceMs });
    Object.assign(sight, { health, askedAt, reason: undefined, given: sight.given - given });
  } catch (error) {
    Object.assign(sight, { health: undefined, reason: VitrineError.from(error) });
  }
}

/** Those with room on their disks, and of them those that have the models; all, where that leaves none. */
function fittest(engines: Engine[], { models }: Wish): Engine[] {
  const healthOf = (engine: Engine) => sightOf(engine).health;
  const roomy = engines.filter((each) => (healthOf(each)?.disk_free_bytes ?? Infinity) >= ENOUGH_DISK);
  const fit = roomy.length ? roomy : engines;
  const wanted = models.filter((id) => fit.some((each) => healthOf(each)?.models?.includes(id)));
  const equipped = fit.filter((each) => wanted.every((id) => healthOf(each)?.models?.includes(id)));
  return equipped.length ? equipped : fit;
}

/** Of equals any: other processes choose at the same time. */
function soonest(engines: Engine[], { job }: Wish): Engine {
  const known = engines.flatMap((engine) => sightOf(engine).health?.jobs?.[job]?.seconds ?? []);
  // Who has done none yet counts as quick, and so is soon known.
  const guess = known.length ? Math.min(...known) : UNKNOWN_SECONDS;
  const times = engines.map((engine) => secondsUntilDone(sightOf(engine), job, guess));
  const best = Math.min(...times);
  const equals = engines.filter((_, index) => times[index] === best);
  return equals[Math.floor(Math.random() * equals.length)];
}

function secondsUntilDone({ health, given, inFlight }: Sight, job: JobName, guess: number): number {
  const outlook = health?.jobs?.[job];
  const { running = 0, waiting = 0 } = outlook ?? health?.queue ?? {};
  const seen = running + waiting + (health?.queue.coming ?? 0) + given;
  const ahead = Math.max(seen, inFlight);
  const rounds = Math.max(1, (ahead + 1) / (outlook?.workers ?? 1));
  const { seconds = guess, age = 0 } = outlook ?? {};
  // What was slow long ago may have been busy with something else: it is tried again, the sooner the less slow it was.
  const faded = guess + (seconds - guess) * Math.exp(-age / FADING_SECONDS);
  return rounds * faded;
}

function sightOf({ url }: Engine): Sight {
  const sight = sights.get(url) ?? { askedAt: -Infinity, given: 0, inFlight: 0, notBefore: new Map() };
  sights.set(url, sight);
  return sight;
}

async function unlessAborted(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  if (!signal) return void (await work);
  signal.throwIfAborted();
  const over = new AbortController();
  try {
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true, signal: over.signal });
    });
    await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}

function noneOf(engines: readonly Engine[]): VitrineError {
  const reasons = engines.flatMap((engine) => sightOf(engine).reason ?? []);
  const ending = reasons.find(({ code }) => code === 'ENGINE_RETIRING');
  if (ending || reasons.length === 1) return ending ?? reasons[0];
  return new VitrineError({
    code: 'ENGINE_UNREACHABLE',
    message: `None of the ${engines.length} engines takes jobs. ${reasons.map(({ message }) => message).join('. ')}`,
    hint: 'Start one with "vitrine serve", or correct the URLs in the Vitrine Engine credential; "vitrine doctor --engine <URL>" looks at one.',
  });
}
