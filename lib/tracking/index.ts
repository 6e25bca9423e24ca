export { LOST, compactMask, cutClip, findMainObject, type ObjectMask } from './cutouts';
export { detect } from './detect';
export { trackObjects } from './track';
export type { ClipFrames, ObjectPrompt, Place, TrackedFrame, TrackedObject, TrackOptions } from './types';
