import { ThreadRuntime } from '../../runtime';

/** What a worker's networks run in. Its thread starts as soon as this module is loaded. */
export const inference = new ThreadRuntime();
