import type { JobContext, TaskName, Tasks } from '../contracts';
import type { Resources } from './resources';

export { Resources } from './resources';

/** What each task is done by; a question writes nothing into the folder of its context. */
type Handlers = {
  [T in TaskName]: (
    resources: Resources,
    input: Tasks[T]['input'],
    context: JobContext,
  ) => Promise<Tasks[T]['output']>;
};

/**
 * What does each task of the table in lib/contracts/tasks.ts. Each is loaded with its first task: a worker that cuts need
 * not load what makes training pictures.
 */
export const handlers: Handlers = {
  remove: async (resources, { file, params }, context) =>
    (await import('./remove.js')).removeBackground(resources, file, params, context),
  replace: async (...task) => (await import('./replace.js')).replaceBackground(...task),
  scenes: async (...task) => (await import('./plan-scenes.js')).planScenes(...task),
  inspect: async (...task) => (await import('./inspect.js')).inspectScene(...task),
  segment: async (...task) => (await import('./segment/index.js')).segmentVideo(...task),
  stills: async (...task) => (await import('./stills.js')).videoStills(...task),
  preview: async (resources, { pairs, format }, context) =>
    (await import('./preview.js')).contactSheet(resources, pairs, format, context),
  prepare: async (resources, { file, maxSide }, context) =>
    (await import('./prepare.js')).preparePicture(resources, file, maxSide, context),
  report: async (...task) => (await import('./augment/report/index.js')).writeReport(...task),
  generate: async (...task) => (await import('./generate.js')).generateScene(...task),
  survey: async (resources, { files }, context) =>
    (await import('./augment/survey.js')).surveySources(resources, files, context),
  cutout: async (...task) => (await import('./augment/cut.js')).cutSource(...task),
  augment: async (...task) => (await import('./augment/task.js')).augmentPictures(...task),
  models: (resources) => resources.models(),
  presets: async ({ config }) => (await import('../backdrops/index.js')).presetSummaries(config.modelsDir),
  pipelines: async ({ config }) =>
    (await import('../augmentation/index.js')).pipelineSummaries(config.modelsDir),
  'check-replace': async (resources, input) =>
    (await import('./check-replacement.js')).checkReplacement(resources, input),
};
