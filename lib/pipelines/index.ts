import type { JobContext, TaskName, Tasks } from '../contracts';
import { preparePicture } from './prepare';
import { contactSheet } from './preview';
import { removeBackground } from './remove';
import { Studio } from './studio';

export { Studio, contactSheet, removeBackground };

/** A folder of its own is in the context of each but a question. */
type Handlers = {
  [T in TaskName]: (
    studio: Studio,
    input: Tasks[T]['input'],
    context: JobContext,
  ) => Promise<Tasks[T]['output']>;
};

/** What does each task of the table in lib/contracts/tasks.ts. */
export const handlers: Handlers = {
  remove: (studio, { file, params }, context) => removeBackground(studio, file, params, context),
  preview: (studio, { pairs, format }, context) => contactSheet(studio, pairs, format, context),
  prepare: (studio, { file, maxSide }, context) => preparePicture(studio, file, maxSide, context),
  models: (studio) => studio.models(),
};
