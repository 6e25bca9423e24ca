import { tmpdir } from 'node:os';
import { type Config, type JobContext, VitrineError } from '../../contracts';
import { Studio, contactSheet, removeBackground } from '../../pipelines';
import type { FromWorker, TaskName, Tasks, ToWorker } from './protocol';

/**
 * The inside of an inference worker: everything native is loaded here and nowhere else. It ends with its
 * parent, also when that was killed.
 */
const PROGRESS_INTERVAL_MS = 200;

type Handlers = {
  [T in TaskName]: (input: Tasks[T]['input'], context: JobContext) => Promise<Tasks[T]['output']>;
};

let handlers: Handlers;
const controllers = new Map<number, AbortController>();

function start(config: Config): void {
  const studio = new Studio(config);
  handlers = {
    remove: ({ file, params }, context) => removeBackground(studio, file, params, context),
    preview: ({ pairs, format }, context) => contactSheet(studio, pairs, format, context),
    models: async () => studio.models(),
  };
  send({ type: 'ready' });
}

async function runJob({ id, task, input }: Extract<ToWorker, { type: 'job' }>): Promise<void> {
  const controller = new AbortController();
  controllers.set(id, controller);
  let lastReport = 0;
  const context: JobContext = {
    signal: controller.signal,
    tempDir: 'folder' in input ? input.folder : tmpdir(),
    progress: (event) => {
      if (Date.now() - lastReport < PROGRESS_INTERVAL_MS) return;
      lastReport = Date.now();
      send({ type: 'progress', id, event });
    },
  };
  try {
    const output = await (handlers[task] as Handlers['remove'])(input as Tasks['remove']['input'], context);
    send({ type: 'done', id, output });
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    const detail = error.code === 'INTERNAL' ? ((thrown as Error)?.stack ?? String(thrown)) : undefined;
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
  else if (message.type === 'job') void runJob(message);
  else controllers.get(message.id)?.abort(VitrineError.fromBody(message.reason));
});
process.on('disconnect', () => process.exit());
// A terminal sends Ctrl-C to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
