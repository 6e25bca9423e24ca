import { pipelineSummaries } from '../augmentation';
import { presetSummaries } from '../backdrops';
import type { JobContext, TaskName, Tasks } from '../contracts';
import { augmentPictures, cutSource, surveySources } from './augment';
import { writeReport } from './augment/report';
import { checkReplacement } from './check-replacement';
import { generateScene } from './generate';
import { inspectScene } from './inspect';
import { planScenes } from './plan-scenes';
import { preparePicture } from './prepare';
import { contactSheet } from './preview';
import { removeBackground } from './remove';
import { replaceBackground } from './replace';
import { Resources } from './resources';
import { segmentVideo } from './segment';
import { videoStills } from './stills';

export { Resources, contactSheet, generateScene, removeBackground, replaceBackground };

/** What each task is done by; a question writes nothing into the folder of its context. */
type Handlers = {
  [T in TaskName]: (
    resources: Resources,
    input: Tasks[T]['input'],
    context: JobContext,
  ) => Promise<Tasks[T]['output']>;
};

/** What does each task of the table in lib/contracts/tasks.ts. */
export const handlers: Handlers = {
  remove: (resources, { file, params }, context) => removeBackground(resources, file, params, context),
  replace: (resources, input, context) => replaceBackground(resources, input, context),
  scenes: planScenes,
  inspect: inspectScene,
  segment: segmentVideo,
  stills: videoStills,
  preview: (resources, { pairs, format }, context) => contactSheet(resources, pairs, format, context),
  prepare: (resources, { file, maxSide }, context) => preparePicture(resources, file, maxSide, context),
  report: writeReport,
  generate: (resources, input, context) => generateScene(resources, input, context),
  survey: (resources, { files }, context) => surveySources(resources, files, context),
  cutout: cutSource,
  augment: augmentPictures,
  models: (resources) => resources.models(),
  presets: ({ config }) => presetSummaries(config.modelsDir),
  pipelines: ({ config }) => pipelineSummaries(config.modelsDir),
  'check-replace': (resources, input) => checkReplacement(resources, input),
};
