// First, so that its thread starts while this one loads the rest.
import { inference } from './inference';
import { type JobContext, VitrineError, type WorkerConfig } from '../../contracts';
import { Resources, handlers } from '../../pipelines';
import { boundMemory } from './bound-memory';
import type { FromWorker, ToWorker } from './protocol';

/**
 * The inside of a worker: everything native is loaded here and nowhere else. It ends with its parent, also when that
 * was killed.
 */
const PROGRESS_INTERVAL_MS = 200;

let resources: Resources;
let told = 0;
const controllers = new Map<number, AbortController>();

function start(config: WorkerConfig): void {
  boundMemory();
  resources = new Resources(config, inference);
  send({ type: 'ready' });
  if (config.warmModel) void resources.warmUp(config.warmModel).then(tellLoaded, reportWarmUp);
}

/** Networks are seldom unloaded, so a list of another length is a new one. */
function tellLoaded(): void {
  const models = resources.networks.loaded;
  if (models.length !== told) send({ type: 'loaded', models });
  told = models.length;
}

/** A model that cannot be warmed up fails its first job with the same words; nothing else depends on it. */
function reportWarmUp(error: unknown): void {
  const { message, hint } = VitrineError.from(error);
  process.stderr.write(`Warming up failed: ${message}. ${hint}\n`);
}

async function run({ id, name, input, folder }: Extract<ToWorker, { type: 'task' }>): Promise<void> {
  const controller = new AbortController();
  controllers.set(id, controller);
  let lastReport = 0;
  const context: JobContext = {
    signal: controller.signal,
    tempDir: folder,
    progress: (event) => {
      if (Date.now() - lastReport < PROGRESS_INTERVAL_MS) return;
      lastReport = Date.now();
      send({ type: 'progress', id, event });
    },
  };
  try {
    // Whoever sent the task had its types checked; here name and input have lost sight of each other.
    const handler = handlers[name] as (
      ...task: [Resources, typeof input, JobContext]
    ) => ReturnType<(typeof handlers)[typeof name]>;
    const output = await handler(resources, input, context);
    tellLoaded();
    send({ type: 'done', id, output });
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    const detail = error.code === 'INTERNAL' ? ((thrown as Error)?.stack ?? String(thrown)) : undefined;
    tellLoaded();
    send({ type: 'failed', id, error: error.toJSON(), detail });
  } finally {
    controllers.delete(id);
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send!(message);
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'start') start(message.config);
  else if (message.type === 'task') void run(message);
  else controllers.get(message.id)?.abort(VitrineError.fromBody(message.reason));
});
// Not exit(): that waits for the inference thread, which may be deep in a run.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal sends Ctrl-C to its whole group, systemd SIGTERM to all of a service; the parent decides when this process
// ends.
process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
